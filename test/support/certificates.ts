import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { knowSecret } from './planted-secrets';
import { openssl } from './system-program';

const run = promisify(execFile);

/** A certificate and its key, as PEM and as files. */
export interface Certificate {
	readonly cert: string;
	readonly key: string;
	readonly certFile: string;
	readonly keyFile: string;
}

/** Certificates made for a test, valid for a day. */
export interface Certificates {
	/** Signed the two below it. */
	readonly authority: Certificate;
	/** For `localhost` and 127.0.0.1, unless others are asked for. */
	readonly server: Certificate;
	readonly client: Certificate;
	/** Signed nothing. */
	readonly stranger: Certificate;
	remove(): Promise<void>;
}

/** Makes a Redis speak only TLS, to clients and to other servers. */
export const encrypted = (
	{ authority, server }: Certificates,
	authClients: 'yes' | 'no' = 'no',
): Record<string, string> => ({
	'tls-cert-file': server.certFile,
	'tls-key-file': server.keyFile,
	'tls-ca-cert-file': authority.certFile,
	'tls-auth-clients': authClients,
	'tls-replication': 'yes',
	'tls-cluster': 'yes',
});

export async function makeCertificates(
	names = 'DNS:localhost,IP:127.0.0.1',
): Promise<Certificates> {
	const folder = await mkdtemp(join(tmpdir(), 'bulwark-certificates-'));
	const program = await openssl();
	const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
	const file = (name: string): string => join(folder, name);
	const read = async (name: string): Promise<Certificate> => {
		const [certFile, keyFile] = [file(`${name}.crt`), file(`${name}.key`)];
		const [cert, key] = await Promise.all([readFile(certFile, 'utf8'), readFile(keyFile, 'utf8')]);
		// A line within it, as whatever writes it may wrap it in its own way.
		knowSecret(`the key of ${name}`, key.split('\n')[1]!);
		return { cert, key, certFile, keyFile };
	};
	const authority = async (name: string): Promise<Certificate> => {
		const made = ['-keyout', file(`${name}.key`), '-out', file(`${name}.crt`)];
		await run(program, ['req', '-x509', ...newKey, ...made, '-days', '1', '-subj', `/CN=${name}`]);
		return await read(name);
	};
	const signed = async (name: string, by: Certificate): Promise<Certificate> => {
		const request = file(`${name}.csr`);
		const made = ['-keyout', file(`${name}.key`), '-out', request];
		await run(program, ['req', ...newKey, ...made, '-subj', `/CN=${name}`]);
		await writeFile(file('names'), `subjectAltName=${names}`);
		const signer = ['-CA', by.certFile, '-CAkey', by.keyFile, '-CAcreateserial', '-days', '1'];
		const out = ['-out', file(`${name}.crt`), '-extfile', file('names')];
		await run(program, ['x509', '-req', '-in', request, ...signer, ...out]);
		return await read(name);
	};
	const signer = await authority('authority');
	return {
		authority: signer,
		server: await signed('server', signer),
		client: await signed('client', signer),
		stranger: await authority('stranger'),
		remove: () => rm(folder, { recursive: true, force: true }),
	};
}
