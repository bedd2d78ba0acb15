import { isIP, isIPv6 } from 'node:net';

import type { Read } from '../../adapters/n8n';
import { numberOf, textOf } from './setting-values';

/** Where n8n listens unless told otherwise. */
const PORT = 5678;

/** Addresses at which a process is reached by loopback. */
const ANY: ReadonlySet<string> = new Set(['::', '0.0.0.0']);

const HIGHEST_PORT = 65_535;

/** Where n8n's main process is, and whether that may be wrong. */
export interface MainAddress {
	readonly url: string;
	readonly isAssumed: boolean;
	/** `told`: by BULWARK_N8N_URL, so that it may be on another machine. */
	readonly source: 'told' | 'n8n';
}

/**
 * Where main listens by n8n's own settings; undefined where they say nothing of it. N8N_HOST and N8N_PATH are for those
 * who come through a proxy, and N8N_PROTOCOL too unless n8n has a certificate of its own.
 */
export function mainAddressOf(read: Read): MainAddress | undefined {
	const told = textOf(read('BULWARK_N8N_URL'));
	if (told) return { url: told, isAssumed: false, source: 'told' };
	const port = portOf(read);
	const address = listenAddressOf(read);
	if (hasCertificate(read)) {
		const name = textOf(read('N8N_HOST')) ?? 'localhost';
		// A certificate may be one that only browsers of this company trust.
		return usable(`https://${name}:${port ?? PORT}`, true);
	}
	if (port === undefined && address === undefined) return undefined;
	return usable(`http://${hostOf(address)}:${port ?? PORT}`, false);
}

/** An address with a zone, at which n8n may listen, makes no URL. */
const usable = (url: string, isAssumed: boolean): MainAddress | undefined =>
	URL.canParse(url) ? { url, isAssumed, source: 'n8n' } : undefined;

function portOf(read: Read): number | undefined {
	const port = numberOf(read('N8N_PORT'));
	const isPort = Number.isInteger(port) && port! > 0 && port! <= HIGHEST_PORT;
	return isPort ? port : undefined;
}

function listenAddressOf(read: Read): string | undefined {
	const address = textOf(read('N8N_LISTEN_ADDRESS'));
	const isAddress = address === 'localhost' || isIP(address ?? '') > 0;
	return isAddress ? address : undefined;
}

function hostOf(address: string | undefined): string {
	if (address === undefined || ANY.has(address)) return '127.0.0.1';
	return isIPv6(address) ? `[${address}]` : address;
}

const hasCertificate = (read: Read): boolean =>
	textOf(read('N8N_PROTOCOL')) === 'https' &&
	['N8N_SSL_KEY', 'N8N_SSL_CERT'].every((name) => textOf(read(name)) !== undefined);
