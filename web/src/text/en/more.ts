/** Words of screens that few open on most days, loaded with the first of them: what this has, the other languages must have. A line for each area. */
import { office } from './office';
import { ending, general, members, signIn, teams, tokens, webhooks } from './people';
import { canned, hours, keptViews, labels } from './workplace';
import { audit, keyRotation, terms } from './records';
import { look, setup, spec } from './setup';
import { firstSteps } from './first-steps';
import { requests } from './requests';
import { sites } from './sites';

const more = { office, general, ending, members, signIn, teams, tokens, webhooks, canned, hours, keptViews, labels, audit, keyRotation, terms, look, setup, spec, firstSteps, requests, sites };

export type More = typeof more;
export default more;
