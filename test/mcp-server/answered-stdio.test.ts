import { PassThrough } from 'node:stream';

import { AnsweredStdio } from '../../mcp-server/transports/answered-stdio';
import { FakeClock } from '../support/fake-clock';

/** As a socket does whose other end is gone with what was under way. */
const reset = new Error('read ECONNRESET');

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
