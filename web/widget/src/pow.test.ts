import { expect, it } from 'vitest';
import { solve, type Challenge } from './pow';

// Given by altcha-lib 2, the project's own.
const THEIRS: Challenge & { parameters: { keySignature: string } } = {
  parameters: {
    algorithm: 'PBKDF2/SHA-256', cost: 50, expiresAt: 1767226200, keyLength: 32, keyPrefix: '07e81a22e8282ec7ff4c75439ed06cec',
    keySignature: '40a8fe103faea67f62c8beeb7130ba6234bd8ad96e269cb5c27b73333c352a88', nonce: 'e541bc8eb28c46bd4fd9f1997e2c399f', salt: '473f5c22b5b7b082be18c20b0812d26e',
  },
  signature: '046804d935bf6d65f0d1b431197ad66cf8405635712ffe796952dd774a84b814',
};

it('solves what another implementation gives, and gives it back whole', async () => {
  const payload = JSON.parse(atob((await solve(THEIRS)) ?? '')) as unknown;
  expect(payload).toEqual({
    challenge: THEIRS,
    solution: { counter: 7, derivedKey: '07e81a22e8282ec7ff4c75439ed06cec34457015412dd224d70ba6fed6a892cd' },
  });
});

it('gives up on what has no solution, and refuses another kind of work', async () => {
  const impossible = { ...THEIRS, parameters: { ...THEIRS.parameters, keyPrefix: 'f'.repeat(64) } };
  expect(await solve(impossible, 32)).toBeNull();
  await expect(solve({ ...THEIRS, parameters: { ...THEIRS.parameters, algorithm: 'ARGON2ID' } })).rejects.toThrow('another kind');
});
