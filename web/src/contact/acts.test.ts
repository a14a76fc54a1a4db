import { expect, test, vi } from 'vitest';
import { actsFor, contactCommands } from './acts';

test('nobody is offered what the server would refuse', () => {
  expect(actsFor('owner')).toEqual(['merge', 'export', 'erase']);
  expect(actsFor('agent')).toEqual(['merge']);
  expect(actsFor('privacy')).toEqual(['export', 'erase']);
  for (const role of ['viewer', 'auditor', undefined]) expect(actsFor(role)).toEqual([]);
});

test('each command says whose contact it is about and does its own act', () => {
  const run = vi.fn();
  const commands = contactCommands('admin', 'Anna', run);
  commands.at(-1)?.run?.();
  expect(run.mock.calls).toEqual([['erase']]);
  expect(commands.every((command) => command.hint === 'Anna')).toBe(true);
});
