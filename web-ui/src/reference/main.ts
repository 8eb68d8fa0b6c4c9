/** Starts the reference of the interface: a page of its own, so that whoever writes a program needs not log in to read it. */

import { mount } from 'svelte';
import '../app.css';
import '../lib/theme.svelte.ts';
import Reference from './Reference.svelte';

const target = document.getElementById('app');
if (!target) throw new Error('reference.html has an element #app');
mount(Reference, { target });
