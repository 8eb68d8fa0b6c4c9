/** How the page looks: as the system wishes, unless the person has chosen. */

export type Theme = 'auto' | 'light' | 'dark' | 'contrast';
export const THEMES: readonly Theme[] = ['auto', 'light', 'dark', 'contrast'];

const STORED = 'davy.theme';
const prefersDark = matchMedia('(prefers-color-scheme: dark)');
const prefersContrast = matchMedia('(prefers-contrast: more)');

let chosen = $state<Theme>(stored());
apply();
prefersDark.addEventListener('change', apply);
prefersContrast.addEventListener('change', apply);

// Paper is white.
addEventListener('beforeprint', () => (document.documentElement.dataset.theme = 'light'));
addEventListener('afterprint', apply);

export const theme = {
  get value(): Theme {
    return chosen;
  },
  set value(next: Theme) {
    chosen = next;
    localStorage.setItem(STORED, next);
    apply();
  },
};

function apply(): void {
  document.documentElement.dataset.theme = chosen === 'auto' ? fromSystem() : chosen;
}

function fromSystem(): Exclude<Theme, 'auto'> {
  if (prefersContrast.matches) return 'contrast';
  return prefersDark.matches ? 'dark' : 'light';
}

function stored(): Theme {
  const text = localStorage.getItem(STORED);
  return THEMES.find((theme) => theme === text) ?? 'auto';
}
