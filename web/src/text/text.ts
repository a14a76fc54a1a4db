/** The words of the member's language. English until there is another. */
import { en, type Text } from './en';

export const t: Text = en;
