import { parseOptions, PORTS, readWholeNumber } from '../cli/index.ts';

export interface StartOptions {
	help: boolean;
	/** The port asked for; undefined: 5678, or a free one if that is taken. */
	port: number | undefined;
	/** Whether to bring the flaky API and the prebuilt workflows along. */
	demo: boolean;
	reset: boolean;
	yes: boolean;
}

export const HELP = `Starts n8n with Bulwark installed, as users have it.

  npm start -- [options]

  --port <port>   n8n's port (default 5678, or a free one if that is taken)
  --no-demo       leave out the flaky API and the prebuilt workflows
  --reset         first delete that folder: n8n's database, your workflows, the login
  --yes           do not ask before --reset
  --help          this text

Environment:
  BULWARK_N8N     path of an n8n executable to use; else n8n >= 2.41 on PATH is used, else n8n is
                  installed once into the cache folder (about 2 GB, some minutes)
  XDG_CACHE_HOME  the cache folder (default ~/.cache)
  BULWARK_FOLDER  where n8n keeps everything (default .bulwark); one run at a time in each

n8n's log is n8n.log in that folder. Ctrl-C stops everything.
`;

/** Reads the command line; throws a Problem that says what is wrong with it. */
export function readOptions(args: readonly string[]): StartOptions {
	const values = parseOptions('npm start', args, {
		help: { type: 'boolean', short: 'h' },
		port: { type: 'string', short: 'p' },
		demo: { type: 'boolean' },
		reset: { type: 'boolean' },
		yes: { type: 'boolean', short: 'y' },
	});
	return {
		help: values.help ?? false,
		port: values.port === undefined ? undefined : readWholeNumber('--port', values.port, PORTS),
		demo: values.demo ?? true,
		reset: values.reset ?? false,
		yes: values.yes ?? false,
	};
}
