import { sha256 } from '../../adapters/system';
import { FailedLogins } from '../../mcp-server/auth/failed-logins';
import { RequestLimiter } from '../../mcp-server/request-limiter';
import { FakeClock } from '../support/fake-clock';

const MINUTE_MS = 60_000;

function opened(perMinute = 100) {
	const clock = new FakeClock();
	const noted: Array<[string, number]> = [];
	const note = async (address: string, failures: number): Promise<void> => {
		noted.push([address, failures]);
		await Promise.resolve();
	};
	const limiter = new RequestLimiter(perMinute, clock);
	const logins = new FailedLogins(limiter, clock, sha256, note, (error) => {
		throw error;
	});
	return { clock, noted, logins };
}

it('notes an address once a minute, with all that failed', async () => {
	const { clock, noted, logins } = opened();
	for (let failure = 0; failure < 50; failure++) {
		await logins.failed('1.1.1.1', 'x');
		if (failure === 20) await logins.failed('2.2.2.2', 'x');
	}
	expect(noted).toEqual([
		['1.1.1.1', 1],
		['2.2.2.2', 1],
	]);
	await clock.run(MINUTE_MS);
	expect(noted.slice(2)).toEqual([['1.1.1.1', 49]]);
	await logins.failed('1.1.1.1', 'x');
	expect(noted).toHaveLength(3);
	await logins.close();
	expect(noted.slice(3)).toEqual([['1.1.1.1', 1]]);
	expect(clock.pendingTimers).toBe(0);
});

it('tells no more than 1,000 addresses apart', async () => {
	const { clock, noted, logins } = opened();
	for (let address = 0; address < 3_000; address++) await logins.failed(`${address}`, 'x');
	await clock.run(MINUTE_MS);
	expect(noted).toHaveLength(1_002);
	expect(noted.reduce((total, [, failures]) => total + failures, 0)).toBe(3_000);
	await logins.close();
});

it('looks up no token from an address after too many, for a while', async () => {
	const { clock, logins } = opened(3);
	logins.succeeded('good');
	for (let failure = 0; failure < 3; failure++) await logins.failed('1.1.1.1', 'x');
	expect(logins.waitOf('1.1.1.1', 'y')).toBe(0);
	await logins.failed('1.1.1.1', 'x');
	expect(logins.waitOf('1.1.1.1', 'y')).toBeGreaterThan(0);
	expect(logins.waitOf('2.2.2.2', 'y')).toBe(0);
	expect(logins.waitOf('1.1.1.1', 'good')).toBe(0);
	await logins.failed('1.1.1.1', 'good');
	expect(logins.waitOf('1.1.1.1', 'good')).toBeGreaterThan(0);
	await clock.run(2 * MINUTE_MS);
	expect(logins.waitOf('1.1.1.1', 'y')).toBe(0);
	await logins.close();
});
