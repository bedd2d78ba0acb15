import { PassThrough } from 'node:stream';

import { AnsweredStdio } from '../../mcp-server/transports/answered-stdio';
import { FakeClock } from '../support/fake-clock';

/** As a socket does whose other end is gone with what was under way. */
const reset = new Error('read ECONNRESET');

/** What is told and answered of an input that is this line alone. */
async function after(line: string): Promise<{ errors: readonly Error[]; stdout: PassThrough }> {
	const [stdin, stdout] = [new PassThrough(), new PassThrough()];
	const transport = new AnsweredStdio(stdin, stdout, new FakeClock());
	const errors: Error[] = [];
	transport.onerror = (error) => errors.push(error);
	await transport.start();
	stdin.end(`${line}\n`);
	await transport.closed;
	return { errors, stdout };
}

it('tells of an input that breaks, and ends', async () => {
	const stdin = new PassThrough();
	const transport = new AnsweredStdio(stdin, new PassThrough(), new FakeClock());
	const errors: Error[] = [];
	transport.onerror = (error) => errors.push(error);
	await transport.start();
	stdin.destroy(reset);
	await transport.closed;
	expect(errors).toEqual([reset]);
});

it.each(['[]', 'null', '5', '[{"jsonrpc":"2.0","id":1,"method":"ping"}]'])(
	'answers %s, which is no message, and says so in a few words',
	async (line) => {
		const { errors, stdout } = await after(line);
		expect(errors.map(({ message }) => message)).toEqual([
			'A line of the input is no JSON-RPC message',
		]);
		expect(JSON.parse(String(stdout.read()))).toEqual({
			jsonrpc: '2.0',
			id: null,
			error: { code: -32600, message: expect.any(String) },
		});
	},
);

it.each([
	'{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"none"}}',
	'{"jsonrpc":"2.0","id":1}',
	'{}',
])('does not answer %s, which may be an answer itself', async (line) => {
	const { errors, stdout } = await after(line);
	expect(errors).toHaveLength(1);
	expect(errors[0]!.message.length).toBeLessThan(100);
	expect(stdout.read()).toBeNull();
});
