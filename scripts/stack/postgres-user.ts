import { Problem, runCommand } from '../n8n/index.ts';

/** An account of the system. */
export interface PostgresUser {
	name: string;
	uid: number;
	gid: number;
}

/** Debian's account for Postgres, and one that every system has. */
const USUAL_NAMES = ['postgres', 'nobody'];

/** Whom Postgres runs as when we are root, which it refuses to be; undefined when we are not. */
export async function postgresUser(env: NodeJS.ProcessEnv): Promise<PostgresUser | undefined> {
	if (process.getuid?.() !== 0) return undefined;
	const named = env.BULWARK_POSTGRES_USER;
	for (const name of named ? [named] : USUAL_NAMES) {
		const [uid, gid] = [await idOf('-u', name), await idOf('-g', name)];
		if (uid !== undefined && gid !== undefined && uid !== 0) return { name, uid, gid };
	}
	throw new Problem(
		named
			? `BULWARK_POSTGRES_USER is "${named}", which is no account here other than root.`
			: `Postgres refuses to run as root, and there is no account ${USUAL_NAMES.join(' or ')}.`,
		'Let BULWARK_POSTGRES_USER name an account, or run this as another user than root.',
	);
}

async function idOf(which: '-u' | '-g', name: string): Promise<number | undefined> {
	const { code, stdout } = await runCommand('id', [which, name]);
	return code === 0 ? Number(stdout) : undefined;
}
