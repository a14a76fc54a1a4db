import { expect, test } from 'vitest';
import { pagesFor } from './pages';
import { givable, may, ROLES } from './rights';

test('only owners make owners, and only who manages members gives any role', () => {
  expect(givable('owner')).toEqual([...ROLES]);
  expect(givable('admin')).toEqual(ROLES.filter((role) => role !== 'owner'));
  for (const role of ['agent', 'viewer', 'privacy', 'auditor', 'unheard of', undefined]) expect(givable(role)).toEqual([]);
});

test('nobody may do what their role does not say', () => {
  expect(may('viewer', 'write_conversations')).toBe(false);
  expect(may('privacy', 'read_conversations')).toBe(false);
  expect(may('auditor', 'read_directory')).toBe(false);
  expect(may('constructor', 'read_audit')).toBe(false);
  expect(may('admin', 'manage_workspace')).toBe(true);
});

test('pages that a role may not use are not offered', () => {
  const names = (role: string) => pagesFor(role).map((page) => page.name);
  expect(names('auditor')).toEqual(['profile', 'security', 'tokens', 'audit']);
  expect(names('viewer')).toEqual(['profile', 'security', 'tokens', 'members', 'teams', 'hours', 'labels', 'canned', 'views', 'channels']);
  expect(names('privacy')).toContain('retention');
  expect(names('privacy')).toContain('requests');
  expect(names('agent')).not.toContain('requests');
  expect(names('privacy')).not.toContain('views');
  expect(names('agent')).not.toContain('keys');
  expect(names('owner')).toEqual(names('admin'));
  expect(new Set(names('owner')).size).toBe(17);
});
