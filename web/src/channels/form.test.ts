import { expect, test } from 'vitest';
import { settingsOf } from './form';

const setting = (key: string, type = 'text') => ({ key, type, label: key, help: '', secret: false, required: true, generated: false });

test('lists are cleaned line by line and what was left empty is left out', () => {
  const settings = [setting('token'), setting('origins', 'list'), setting('welcome')];
  expect(settingsOf({ settings }, { token: ' abc ', origins: 'https://a.example\n\n https://b.example ', welcome: '  ' })).toEqual({
    token: 'abc',
    origins: 'https://a.example\nhttps://b.example',
  });
});
