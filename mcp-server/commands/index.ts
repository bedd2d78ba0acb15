import { parseArgs } from 'node:util';

import { ROLES, type Role } from '../../core/access';
import { BulwarkError } from '../../core/errors';
import { oneLine, quoted } from '../../core/one-line';
import { version } from '../../package.json';
import { readConfig } from '../config/read-config';
import { tokenFolderOf } from '../token-folder-of';
import { doctor } from './doctor';
import { serve } from './serve';
import { talk } from './talk';
import { createToken, listTokens, revokeToken } from './token';
import { verifyAudit } from './verify-audit';

const USAGE = `Usage: bulwark-mcp [command] [options]

  (no command)                      serve MCP over standard input and output
  serve [--port N] [--host NAME]    serve MCP over HTTP at /mcp
  token create --name NAME --role ${ROLES.join('|')} [--days N]
  token list | token revoke --name NAME
  doctor [--json]                   say what can be reached and what not, and what to do
  audit verify                      check that no audit log was altered

  --config FILE                     settings, which docs/mcp-settings.md lists
  --version                         say which version this is
`;

/** The command line is not one of ours. */
class UsageError extends BulwarkError {
	readonly code = 'USAGE';
}

/** In characters. */
const LONGEST_NAME = 100;

/** Which commands take an option that not all do. */
const COMMANDS_OF = {
	port: ['serve'],
	host: ['serve'],
	name: ['token create', 'token revoke'],
	role: ['token create'],
	days: ['token create'],
	json: ['doctor'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const log = (line: string): void => void process.stderr.write(`${line}\n`);

const told = ({ message, remedy }: BulwarkError): string => `${message}. ${remedy}.`;

/** Runs the program. @returns its exit code. */
export async function run(
	args: readonly string[],
	env: Readonly<Record<string, string | undefined>>,
): Promise<number> {
	try {
		return await runCommand(args, env);
	} catch (error) {
		if (!(error instanceof BulwarkError)) throw error;
		log(told(error));
		return error instanceof UsageError ? 2 : 1;
	}
}

async function runCommand(
	args: readonly string[],
	env: Readonly<Record<string, string | undefined>>,
): Promise<number> {
	const { values, positionals } = read(args);
	if (values.help) {
		say(USAGE);
		return 0;
	}
	if (values.version) {
		say(version);
		return 0;
	}
	// What is empty comes from a variable that is not set: not to listen everywhere, nor with other settings.
	const place = unlessEmpty('--config', values.config);
	const host = unlessEmpty('--host', values.host);
	const command = positionals.join(' ');
	refuseOthers(command, values);
	const config = readConfig(place, env);
	switch (command) {
		case '':
			await talk(config, log);
			return 0;
		case 'serve': {
			const port =
				values.port === undefined ? config.http.port : wholeNumber('--port', values.port, 65_535);
			const http = { ...config.http, port, host: host ?? config.http.host };
			const server = await serve({ ...config, http }, log);
			log(`Bulwark's MCP server listens at ${server.url}`);
			await new Promise<void>((resolve) => {
				process.once('SIGTERM', resolve);
				process.once('SIGINT', resolve);
			});
			await server.close();
			return 0;
		}
		case 'token create':
			say(
				await createToken(
					tokenFolderOf(config),
					newName(needed('--name', values.name)),
					roleOf(values.role),
					wholeNumber('--days', values.days ?? '90', 3_650),
				),
			);
			log('Keep it well: it is not shown again.');
			return 0;
		case 'token list':
			for (const line of await listTokens(tokenFolderOf(config), (error) => log(told(error))))
				say(line);
			return 0;
		case 'token revoke':
			for (const error of await revokeToken(tokenFolderOf(config), needed('--name', values.name)))
				log(told(error));
			return 0;
		case 'doctor':
			return (await doctor(config, values.json ? 'json' : 'text', say)) ? 0 : 1;
		case 'audit verify':
			return (await verifyAudit(config, say)) ? 0 : 1;
		default:
			throw new UsageError(`"${command}" is not a command`, 'bulwark-mcp --help lists them');
	}
}

/** What is ignored may have been meant, as a role that is not given. */
function refuseOthers(command: string, values: ReturnType<typeof read>['values']): void {
	for (const [option, commands] of Object.entries(COMMANDS_OF)) {
		const isGiven = values[option as keyof typeof COMMANDS_OF] !== undefined;
		if (isGiven && !(commands as readonly string[]).includes(command))
			throw new UsageError(
				`--${option} is for ${commands.join(' and ')}`,
				`Write: bulwark-mcp ${commands[0]} --${option} …, or leave it out`,
			);
	}
}

function read(args: readonly string[]) {
	try {
		return parseArgs({
			args: [...args],
			allowPositionals: true,
			options: {
				config: { type: 'string' },
				port: { type: 'string' },
				host: { type: 'string' },
				name: { type: 'string' },
				role: { type: 'string' },
				days: { type: 'string' },
				json: { type: 'boolean' },
				help: { type: 'boolean', short: 'h' },
				version: { type: 'boolean' },
			},
		});
	} catch (error) {
		throw new UsageError((error as Error).message, 'bulwark-mcp --help lists the options');
	}
}

function needed(option: string, value: string | undefined): string {
	if (value) return value;
	throw new UsageError(`${option} is missing`, `Give it, such as ${option} alice`);
}

function unlessEmpty(option: string, value: string | undefined): string | undefined {
	if (value !== '') return value;
	throw new UsageError(`${option} is empty`, 'Give a value, or leave it out');
}

/** One that stands in a line of a list, or of a log, and passes for nothing else. */
function newName(name: string): string {
	if (name.length <= LONGEST_NAME && name.trim() === name && oneLine(name) === name) return name;
	throw new UsageError(
		`--name is ${quoted(name)}`,
		`Give at most ${LONGEST_NAME} characters, no blanks around them, and none that breaks lines or cannot be seen`,
	);
}

function roleOf(value: string | undefined): Role {
	const role = ROLES.find((known) => known === value);
	if (role) return role;
	const problem = value ? `--role is "${value}"` : '--role is missing';
	throw new UsageError(problem, `Give one of: ${ROLES.join(', ')}`);
}

function wholeNumber(option: string, value: string, most: number): number {
	const number = Number(value);
	if (/^\d+$/.test(value) && number >= 1 && number <= most) return number;
	throw new UsageError(`${option} is "${value}"`, `Give a whole number from 1 to ${most}`);
}
