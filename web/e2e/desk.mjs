// A member at a desk and contacts with phones, each in a browser of their own, on a running demo.
import { launch, signIn } from '../scripts/browser.mjs';
import { rest } from '../scripts/rest.mjs';
import { complaintsOf, LONG, until } from './steps.mjs';

const LOOK = { viewport: { width: 1360, height: 860 }, locale: 'en-GB', permissions: ['clipboard-read', 'clipboard-write'] };

/** From what `scripts/with-demo.sh` says. */
export async function openDesk() {
  const { BASE_URL: url = '', EMAIL: email = '', PASSWORD: password = '', PHONE_URL: phoneUrl = '', SHOP_URL: shopUrl = '' } = process.env;
  const browser = await launch();
  const call = await rest({ url, email, password });
  const sim = simulator(new URL(phoneUrl).origin);
  const complaints = [];

  /** A browser of its own. */
  async function window(look = {}) {
    const page = await (await browser.newContext({ ...LOOK, ...look })).newPage();
    page.setDefaultTimeout(LONG);
    complaintsOf(page, complaints);
    return page;
  }

  /** The member, signed in. */
  async function member(look) {
    const page = await window(look);
    await signIn(page, { url, email, password });
    return page;
  }

  async function conversationWith(name) {
    return until(`there is a conversation with ${name}`, async () => (await call('GET', '/conversations?limit=100')).data.find(({ contact }) => contact?.name === name));
  }

  /** Opens it as a link would. */
  async function open(page, conversation, view = 'all') {
    await page.goto(`${url}/#/inbox/${view}/${conversation}`);
    await page.locator('[data-composer]').waitFor();
  }

  async function phone(channel, name) {
    const person = (await sim('GET', `/sim/${channel}/people`)).find((one) => [one.first_name, one.last_name, one.name].filter(Boolean).join(' ') === name);
    const page = await window({ viewport: { width: 900, height: 860 } });
    await page.goto(`${new URL(phoneUrl).origin}/phone?channel=${channel}&person=${person.id}`);
    // Whose phone it is is only known once the chat is there: before, the page has nobody to speak for.
    await page.locator('#log .bubble').first().waitFor();
    return handle(page);
  }

  return { browser, call, complaints, conversationWith, member, open, phone, shopUrl, sim, url, window };
}

/** What a contact does with a phone. */
function handle(page) {
  const bubble = (text) => page.locator('#log .message', { hasText: text });
  return {
    page,
    bubble,
    hears: (text) => bubble(text).first().waitFor(),
    async says(text) {
      await page.locator('#words').fill(text);
      await page.locator('#words').press('Enter');
    },
    /** `what`: the name of one of the things that can be done with a message. */
    async does(text, what) {
      await bubble(text).locator('.open-actions').first().click({ force: true });
      await page.locator('#actions').getByRole('button', { name: what }).click();
    },
    /** `kind`: `photo` or `document`. */
    async sends(kind, file) {
      await page.locator('#attach').click();
      const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.locator(`[data-attach=${kind}]`).click()]);
      await chooser.setFiles(file);
    },
  };
}

/** The simulated providers, by their address. */
export function simulator(origin) {
  return async (method, path, body) => {
    const answer = await fetch(`${origin}${path}`, { method, headers: { 'content-type': 'application/json' }, body: body && JSON.stringify(body) });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text ? JSON.parse(text) : null;
  };
}

/** A conversation as the member has it before them. */
export function threadOf(page) {
  const composer = page.locator('[data-composer]');
  const saying = (text) => page.locator('[data-message]', { hasText: text });
  return {
    composer,
    form: page.locator('form', { has: composer }),
    saying,
    went: (text) => saying(text).and(page.locator('[data-state=sent], [data-state=delivered], [data-state=read]')).waitFor(),
    button: (name) => page.locator('form', { has: composer }).getByRole('button', { name, exact: true }),
    async write(text) {
      await composer.fill(text);
      await composer.press('Enter');
    },
    async holdFor(words) {
      await page.getByRole('button', { name: 'Other ways to send' }).click();
      await page.getByRole('menuitemcheckbox', { name: words }).click();
    },
  };
}
