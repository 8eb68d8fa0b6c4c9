/** Starts the page, when the words of its language are there. */

import { mount } from 'svelte';
import './app.css';
import { loadTexts } from './lib/i18n/index.svelte.ts';

const target = document.getElementById('app');
if (!target) throw new Error('index.html has an element #app');
const [{ default: App }] = await Promise.all([import('./App.svelte'), loadTexts()]);
mount(App, { target });
