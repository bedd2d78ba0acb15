import { readFileSync } from 'node:fs';
import { homedir, hostname } from 'node:os';
import path from 'node:path';

import type { z } from 'zod';

import { readerOf } from '../../adapters/n8n';
import { BulwarkError } from '../../core/errors';
import type { N8nSettings } from '../../core/health/config-lint';
import { shorten } from '../../core/shorten';
import { configSchema, type Config } from './config-schema';
import { mainAddressOf } from './main-address';
import { defaultDatabase, n8nEnvironment, n8nSettings, type Found } from './n8n-environment';
import { Secret } from './secret';

/** The configuration cannot be used. Names the setting, never a secret. */
export class ConfigError extends BulwarkError {
	readonly code = 'CONFIG_INVALID';
}

/** A configuration that has all that can be left out. */
export type FullConfig = Config & {
	readonly name: string;
	readonly stateFolder: string;
	/** Undefined where this server's environment is not that of n8n. */
	readonly n8nSettings: N8nSettings | undefined;
	/** What nobody has set, so that it is taken to be as n8n has it by default. */
	readonly assumed: { readonly mainUrl: boolean; readonly database: boolean };
};

/**
 * Settings from n8n's environment, over which those of a file go: its path is given, or in BULWARK_MCP_CONFIG.
 * @throws {ConfigError}
 * @throws {SettingFileError}
 */
export function readConfig(
	file: string | undefined,
	env: Readonly<Record<string, string | undefined>>,
): FullConfig {
	const place = file ?? env.BULWARK_MCP_CONFIG;
	const ofFile = place ? fileAt(place) : {};
	const given = merge(n8nEnvironment(env), ofFile);
	const result = configSchema.safeParse(given);
	if (!result.success) throw invalid(result.error.issues[0]!, given);
	const config = result.data;
	const main = mainAddressOf(readerOf(env));
	const isMainSet = (ofFile.n8n as Found | undefined)?.url !== undefined;
	const isElsewhere = isMainSet || main?.source === 'told';
	const assumed = isElsewhere || saysOfData(config) ? undefined : defaultDatabase(env);
	return {
		...config,
		...(assumed && { database: assumed }),
		name:
			config.name ??
			hostname()
				.replace(/[^\w.-]/g, '-')
				.slice(0, 64),
		stateFolder: path.resolve(
			(config.stateFolder ?? '~/.bulwark/mcp').replace(/^~(?=\/)/, homedir()),
		),
		n8nSettings: n8nSettings(env),
		assumed: {
			mainUrl: !isMainSet && (main?.isAssumed ?? true),
			database: assumed !== undefined,
		},
	};
}

/** Whether something is said of where n8n keeps its data, or of several processes, which do not share a file. */
const saysOfData = ({ database, redis, workers, n8n }: Config): boolean =>
	database !== undefined ||
	redis !== undefined ||
	workers.length > 0 ||
	n8n.executionsMode === 'queue';

/** A text that must not leave the server, and the setting that holds it. */
export interface NamedSecret {
	readonly setting: string;
	readonly text: string;
}

/** All texts that must not leave the server. */
export function secretsOf(config: unknown, place: readonly string[] = []): NamedSecret[] {
	if (config instanceof Secret) return [{ setting: place.join('.'), text: config.reveal() }];
	if (typeof config !== 'object' || config === null) return [];
	return Object.entries(config).flatMap(([name, value]) => secretsOf(value, [...place, name]));
}

function fileAt(place: string): Found {
	let text: string;
	try {
		text = readFileSync(place, 'utf8');
	} catch (error) {
		throw new ConfigError(
			`The configuration file cannot be read: ${(error as Error).message}`,
			'Correct --config or BULWARK_MCP_CONFIG, or leave it out to go by the environment alone',
		);
	}
	try {
		// Editors of Windows put a byte order mark before it.
		return JSON.parse(text.replace(/^\uFEFF/, '')) as Found;
	} catch (error) {
		// What else the parser says may quote a secret.
		const where = /\(line \d+ column \d+\)/.exec((error as Error).message)?.[0];
		throw new ConfigError(
			`The configuration file ${place} is not JSON${where ? ` ${where}` : ''}`,
			'Correct it',
		);
	}
}

/** Lists and texts of the second take the place of those of the first. */
function merge(first: Found, second: unknown): Found {
	if (!isObject(second)) return second as Found;
	const merged: Record<string, unknown> = { ...first };
	for (const [name, value] of Object.entries(second)) {
		const before = merged[name];
		// A database of another type shares nothing with the one before.
		const isOther =
			isObject(before) && isObject(value) && value.type !== undefined && value.type !== before.type;
		merged[name] = isObject(before) && isObject(value) && !isOther ? merge(before, value) : value;
	}
	return merged;
}

const isObject = (value: unknown): value is Found =>
	typeof value === 'object' && value !== null && !Array.isArray(value);

const SECRET = /password|apiKey|privateKey/i;

function invalid(issue: z.core.$ZodIssue, given: unknown): ConfigError {
	const setting = issue.path.join('.') || 'the configuration';
	if (issue.code === 'unrecognized_keys')
		return new ConfigError(
			`${[...issue.path, issue.keys[0]].join('.')} is not a setting`,
			'Remove it; docs/mcp-settings.md lists all settings',
		);
	const value = issue.path.reduce<unknown>((within, part) => (within as never)?.[part], given);
	const shown = SECRET.test(setting) || isForOther(issue) ? 'not shown' : shownOf(value);
	return new ConfigError(
		`${setting} (${shown}): ${issue.message}`,
		'Correct it; docs/mcp-settings.md lists all settings',
	);
}

/** Whether a group or a list is due, in whose place somebody may have put a connection string or a key. */
const isForOther = (issue: z.core.$ZodIssue): boolean =>
	issue.code === 'invalid_union' ||
	(issue.code === 'invalid_type' && ['object', 'array'].includes(issue.expected));

/** A whole group of settings, and what may be an address or a connection string with a password, are not shown. */
function shownOf(value: unknown): string {
	if (value === undefined) return 'missing';
	if (typeof value === 'object' && value !== null)
		return Array.isArray(value) ? 'a list' : 'a group';
	const text = JSON.stringify(value);
	return /[@=;]/.test(text) ? 'not shown' : shorten(text);
}
