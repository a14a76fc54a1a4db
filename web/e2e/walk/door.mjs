// What stands before the app.

const email = (page) => page.getByLabel('E-mail address');

async function door({ page, url }, at = '') {
  await page.goto(`${url}/${at}`);
  await page.getByRole('heading', { level: 1 }).waitFor();
}

async function secondStep(around) {
  await around.page.route('**/api/v1/session', (route) =>
    route.fulfill({ status: 401, contentType: 'application/problem+json', body: JSON.stringify({ status: 401, code: 'second_factor', title: 'A second factor is needed.' }) }));
  await door(around);
  await email(around.page).fill('giulia@demo.example');
  await around.page.getByLabel('Password', { exact: true }).fill('something or other');
  await around.page.getByRole('button', { name: 'Sign in' }).click();
  await around.page.getByLabel('Code').waitFor();
}
const asBefore = ({ page }) => page.unrouteAll({ behavior: 'ignoreErrors' });

export const DOOR = [
  { name: 'sign-in', open: async (around) => (await door(around), await around.page.getByRole('region', { name: 'This is a demo' }).waitFor()) },
  {
    name: 'sign-in-wrong',
    open: async (around) => {
      // As it is in a real installation, which names nobody at its door.
      await around.page.route('**/api/v1/demo', (route) => route.fulfill({ status: 404, contentType: 'application/problem+json', body: '{"status":404,"code":"not_found"}' }));
      await door(around);
      await email(around.page).fill('giulia@demo.example');
      await around.page.getByLabel('Password', { exact: true }).fill('not it at all');
      await around.page.getByRole('button', { name: 'Sign in' }).click();
      await around.page.getByRole('alert').filter({ hasText: /\S/ }).waitFor();
    },
    close: asBefore,
  },
  { name: 'second-step', open: secondStep, close: asBefore },
  {
    name: 'second-step-recovery',
    open: async (around) => (await secondStep(around), await around.page.getByRole('button', { name: /recovery/i }).click(), await around.page.getByLabel('Recovery code').waitFor()),
    close: asBefore,
  },
  {
    name: 'invitation',
    open: async (around) => {
      await around.page.goto(around.told.invitation);
      await around.page.getByLabel('Password', { exact: false }).first().fill('a longer password');
      await around.page.getByRole('heading', { name: /Bottega Conti/ }).waitFor();
    },
  },
  { name: 'invitation-over', open: (around) => door(around, '#/join/nobody-was-ever-invited-with-this') },
  {
    name: 'away',
    open: async ({ page, url }) => {
      await page.route('**/api/v1/me', (route) => route.abort());
      await page.goto(`${url}/`);
      await page.getByRole('button', { name: 'Try again' }).waitFor();
    },
    close: asBefore,
  },
];
