import { mount } from 'svelte';
import Root from './Root.svelte';
import './styles/tokens.css';
import './styles/base.css';
import { LanguageChoice } from './text/choice.svelte';

/** A function, not an `await` of the module itself: what the words import from here must be there by the time they are loaded. */
async function begin(): Promise<void> {
  const target = document.getElementById('app');
  const language = new LanguageChoice();
  await language.begin();
  if (target) mount(Root, { target, props: { language } });
}

void begin();
