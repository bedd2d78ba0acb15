import { run } from '../../mcp-server/commands';
import { version } from '../../package.json';

/** What the program says, and how it ends. */
async function endOf(...args: string[]) {
	const said: string[] = [];
	const note = (text: unknown): boolean => said.push(String(text)) > 0;
	const streams = [process.stdout, process.stderr] as const;
	const spies = streams.map((stream) => jest.spyOn(stream, 'write').mockImplementation(note));
	const code = await run(args, {});
	for (const spy of spies) spy.mockRestore();
	return { code, said: said.join('') };
}

it('says which version it is', async () => {
	expect(await endOf('--version')).toEqual({ code: 0, said: `${version}\n` });
});

it('refuses to listen where it is not told to serve', async () => {
	for (const args of [
		['--port', '5685'],
		['doctor', '--host', '0.0.0.0'],
	])
		expect(await endOf(...args)).toEqual({
			code: 2,
			said: expect.stringMatching(/^--(port|host) is for serve\. Write: bulwark-mcp serve --/),
		});
});

it('says which roles there are where none is given', async () => {
	expect(await endOf('token', 'create', '--name', 'alice')).toEqual({
		code: 2,
		said: '--role is missing. Give one of: viewer, operator, admin.\n',
	});
});
