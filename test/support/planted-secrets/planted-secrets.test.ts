import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import SecretReporter from '../../../toolchain/jest-secret-reporter';
import { expectNoSecrets, expectNoSecretsUnder, knowSecret, plantedSecret, secretsIn } from '.';

const secret = plantedSecret('example');

it.each(['utf8', 'hex', 'base64', 'base64url'] as const)('finds a secret in %s', (encoding) => {
	for (const before of ['', 'a', 'ab', 'abc'])
		for (const after of ['', 'a', 'ab', 'abc']) {
			const text = Buffer.from(`user:${before}${secret}${after}`).toString(encoding);
			expect(secretsIn(`{"header":"${text}"}`)).toEqual(['a planted secret']);
		}
});

it('finds what it was told of, and says what it is called', () => {
	const key = 'MHcCAQEEIBkg4LVWM9nuwNSk3yByxZpYRTBnVJk';
	expect(secretsIn(`a ${key} b`)).toEqual([]);
	knowSecret('a key', key);
	expect(secretsIn(`a ${key} b`)).toEqual(['a key']);
	expect(() => expectNoSecrets('the log', `${key} ${secret}`)).toThrow(
		/^the log holds a planted secret and a key$/,
	);
});

it('looks through all files of a folder, but for those that keep secrets', async () => {
	const folder = await mkdtemp(join(tmpdir(), 'bulwark-secrets-'));
	await mkdir(join(folder, 'logs'));
	await writeFile(join(folder, 'login.json'), secret);
	const scan = async () =>
		await expectNoSecretsUnder(folder, (path) => path.endsWith('login.json'));
	await scan();
	await writeFile(join(folder, 'logs', 'n8n.log'), `line\nPOST ${secret}\n`);
	await expect(scan()).rejects.toThrow('n8n.log holds a planted secret');
	await rm(folder, { recursive: true });
});

it.each([
	['printed', { console: [{ message: `logged in with ${secret}` }] }],
	['in an error', { failureMessage: `Error: WRONGPASS ${secret}` }],
])('fails a run of tests in which one is %s', (_, result) => {
	const reporter = new SecretReporter();
	reporter.onTestResult(
		{ path: 'a' },
		{ console: [{ message: 'logged in' }], failureMessage: null },
	);
	expect(reporter.getLastError()).toBeUndefined();
	reporter.onTestResult({ path: 'b' }, result);
	expect(reporter.getLastError()?.message).toMatch('tests of b');
	expect(secretsIn(reporter.getLastError()!.message)).toEqual([]);
});
