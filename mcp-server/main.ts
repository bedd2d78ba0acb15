import { run } from './commands';

void run(process.argv.slice(2), process.env).then((code) => {
	process.exitCode = code;
});
