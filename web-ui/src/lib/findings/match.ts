/**
 * What the check of a configuration finds, on the Chinese page. It travels as English sentences; those that are known are listed with a
 * hole wherever the gateway puts something in, and any other stands as it came. Pure.
 */

/** The sentence in English, `{}` for a hole, and in Chinese, `{1}` for what was in the first one. */
export type Sentence = readonly [english: string, chinese: string];

interface Shape {
  shape: RegExp;
  chinese: string;
}

/** Says findings by these sentences. */
export class Catalogue {
  readonly #shapes: readonly Shape[];

  /** The more of a sentence is fixed, the sooner it is tried: one with many holes takes almost anything. */
  constructor(sentences: readonly Sentence[]) {
    const fixed = ([english]: Sentence): number => english.replaceAll('{}', '').length;
    this.#shapes = [...sentences].sort((one, other) => fixed(other) - fixed(one)).map(([english, chinese]) => ({ shape: shapeOf(english), chinese }));
  }

  /** In Chinese; null where the sentence is not known. */
  say(message: string): string | null {
    const [, head = message, meant = ''] = /^(.*); did you mean ([^;]+)\?$/.exec(message) ?? [];
    const whole = this.#any(head);
    if (whole !== null) return meant === '' ? whole : `${whole}；是否应为 ${meant}？`;
    return meant === '' ? null : this.#any(message);
  }

  #any(message: string): string | null {
    return message.startsWith('"') ? (this.#whole(message) ?? this.#ofObject(message)) : (this.#ofField(message) ?? this.#whole(message));
  }

  /** `"LI-1101" …`, an object and what is odd about it. */
  #ofObject(message: string): string | null {
    const [, object = '', rest = ''] = /^("[^"]+") (.+)$/.exec(message) ?? [];
    const said = rest === '' ? null : this.#whole(rest);
    return said === null ? null : `${object} ${said}`;
  }

  /** `H: …`, a column or a key and what is wrong with it. */
  #ofField(message: string): string | null {
    const [, field = '', rest = ''] = /^([^:"]{1,60}): (.+)$/.exec(message) ?? [];
    const said = rest === '' ? null : this.#whole(rest);
    return said === null ? null : `${field}：${said}`;
  }

  #whole(message: string): string | null {
    for (const { shape, chinese } of this.#shapes) {
      const found = shape.exec(message);
      if (found === null) continue;
      // What was put in may be a sentence itself.
      const parts = found.slice(1).map((part) => (part === '' ? '' : (this.#inner(part) ?? part)));
      return chinese.replace(/\{(\d)\}/g, (_, at: string) => parts[Number(at) - 1] ?? '');
    }
    return null;
  }

  #inner(part: string): string | null {
    return part.startsWith('"') ? null : this.#whole(part);
  }
}

function shapeOf(english: string): RegExp {
  const parts = english.split('{}').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  // Right behind a word there may be nothing, and at the end advice; anywhere else there is always something.
  const hasAdvice = /[^ (]\{\}$/.test(english);
  const body = parts.slice(0, -1).map((part, at) => part + (hasAdvice && at === parts.length - 2 ? '(|;.*)' : /[a-z]$/.test(part) ? '(.*?)' : '(.+?)')).join('') + (parts.at(-1) ?? '');
  return new RegExp(`^${body}$`, 's');
}
