import type { RedisTls } from '../../../adapters/redis';
import { explain } from '../../../adapters/redis/connection/explain';
import { encrypted, makeCertificates, type Certificates } from '../../support/certificates';
import { openStore, standalone, type OpenStore } from '../../support/open-store';
import { startRedis, type RedisServer } from '../../support/redis-server';

let certificates: Certificates;
let oneSided: RedisServer;
/** Asks for a client certificate, too. */
let mutual: RedisServer;
let plain: RedisServer;
const stores: OpenStore[] = [];

beforeAll(async () => {
	certificates = await makeCertificates();
	oneSided = await startRedis(encrypted(certificates));
	mutual = await startRedis(encrypted(certificates, 'yes'));
	plain = await startRedis();
});

afterEach(() => {
	for (const store of stores.splice(0)) store.close();
});

afterAll(async () => {
	await Promise.all([oneSided, mutual, plain].map((server) => server.stop()));
	await certificates.remove();
});

/** Resolves when Redis does its work. */
async function check({ port }: RedisServer, tls?: RedisTls): Promise<void> {
	const opened = openStore({ ...standalone(port), ...(tls ? { tls } : {}) });
	stores.push(opened);
	await opened.store.check();
}

const denied = (message: string) => ({
	code: 'STORE_ACCESS_DENIED',
	message: expect.stringContaining(message),
	remedy: expect.stringContaining('authority'),
});

it('encrypts, and trusts whom it is told to trust', async () => {
	const { authority } = certificates;
	await check(oneSided, { ca: authority.cert });
	await check(oneSided, { ca: authority.cert, serverName: 'localhost' });
});

it('trusts nobody else', async () => {
	const { authority, stranger } = certificates;
	await expect(check(oneSided, {})).rejects.toMatchObject(denied('not trusted'));
	await expect(check(oneSided, { ca: stranger.cert })).rejects.toMatchObject(denied('not trusted'));
	await expect(
		check(oneSided, { ca: authority.cert, serverName: 'elsewhere.example' }),
	).rejects.toMatchObject(denied('elsewhere.example'));
});

it('trusts anybody where that is asked for', async () => {
	await check(oneSided, { isVerified: false });
});

it('shows a certificate of its own where Redis asks for one', async () => {
	const { authority, client } = certificates;
	await check(mutual, { ca: authority.cert, cert: client.cert, key: client.key });
	// The connection may be reset before Redis's reason for it is read.
	await expect(check(mutual, { ca: authority.cert })).rejects.toMatchObject({
		code: expect.stringMatching(/^STORE_(ACCESS_DENIED|UNREACHABLE)$/),
		remedy: expect.stringContaining('client certificate'),
	});
});

it.each([
	'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED',
	'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA',
	'ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED',
])('tells what Redis thinks of our certificate from what it thinks of its own: %s', (code) => {
	expect(explain(Object.assign(new Error('alert'), { code }))).toMatchObject({
		code: 'STORE_ACCESS_DENIED',
		remedy: expect.stringContaining('a client certificate'),
	});
});

it('says so when one side encrypts and the other does not', async () => {
	const { authority } = certificates;
	await expect(check(plain, { ca: authority.cert })).rejects.toMatchObject({
		code: 'STORE_UNREACHABLE',
	});
	await expect(check(oneSided)).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
});
