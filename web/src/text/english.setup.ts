/** Tests speak English. */
import { speak } from './text';

await speak('en');
