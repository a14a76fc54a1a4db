/** Which language is spoken: the member's own; before that is known, the one last spoken in this browser, or else the browser's. */
import { keep, kept } from '../shell/kept';
import { speak, understood, type Language } from './text';

export class LanguageChoice {
  /** What is shown is shown in this language. */
  current = $state<Language>('en');

  async begin(): Promise<void> {
    await this.#say(understood([kept('language'), ...navigator.languages]));
  }

  /** `wish` is a BCP 47 tag; what is not spoken here, or null, is the browser's language. */
  async choose(wish: string | null | undefined): Promise<void> {
    const language = understood([wish, ...navigator.languages]);
    if (language !== this.current) await this.#say(language);
    keep('language', language);
  }

  async #say(language: Language): Promise<void> {
    await speak(language);
    document.documentElement.lang = language;
    this.current = language;
  }
}
