/** Words of screens that few open on most days, in Spanish. */
import type { More } from '../en/more';
import { office } from './office';
import { ending, general, members, signIn, teams, tokens, webhooks } from './people';
import { canned, hours, keptViews, labels } from './workplace';
import { audit, keyRotation, terms } from './records';
import { look, setup, spec } from './setup';
import { firstSteps } from './first-steps';
import { requests } from './requests';
import { sites } from './sites';

const more: More = { office, general, ending, members, signIn, teams, tokens, webhooks, canned, hours, keptViews, labels, audit, keyRotation, terms, look, setup, spec, firstSteps, requests, sites };

export default more;
