import type { Socket } from 'node:net';

/** Which way data flows: what the client sends goes upstream, what the server answers downstream. */
export type Stream = 'upstream' | 'downstream';

/** What can be done to a connection, by the names and attributes that Toxiproxy gives (github.com/Shopify/toxiproxy). */
export type ToxicDefinition = {
	/** Default: type and stream. */
	readonly name?: string;
	/** Default downstream. */
	readonly stream?: Stream;
} & (
	| {
			/** Delays data, by `latency` ms and up to `jitter` ms more or less, however much is on its way. */
			readonly type: 'latency';
			readonly attributes: { readonly latency: number; readonly jitter?: number };
	  }
	| {
			/** Lets through `rate` KB a second. */
			readonly type: 'bandwidth';
			readonly attributes: { readonly rate: number };
	  }
	| {
			/** Lets nothing through, and closes the connection after `timeout` ms; never if that is 0. */
			readonly type: 'timeout';
			readonly attributes: { readonly timeout: number };
	  }
	| {
			/** Resets the connection `timeout` ms after the next data. */
			readonly type: 'reset_peer';
			readonly attributes: { readonly timeout: number };
	  }
	| {
			/** Closes the connection after `bytes` have passed. */
			readonly type: 'limit_data';
			readonly attributes: { readonly bytes: number };
	  }
);

/** Data on its way from one end of a connection to the other. */
export interface Passage {
	readonly from: Socket;
	readonly to: Socket;
	readonly stream: Stream;
}

/** What came together, and when, in ms. */
export interface Piece {
	readonly data: Buffer;
	readonly cameAt: number;
}

/**
 * Does to a piece of data what a toxic does.
 * @returns what goes on, when it may; undefined when nothing does.
 */
export async function poison(
	{ type, attributes }: ToxicDefinition,
	{ data, cameAt }: Piece,
	{ from, to }: Passage,
	passedBytes: number,
): Promise<Buffer | undefined> {
	switch (type) {
		case 'latency': {
			const { latency, jitter = 0 } = attributes;
			const delayMs = latency + (2 * Math.random() - 1) * jitter;
			await wait(Math.max(0, cameAt + delayMs - performance.now()));
			return data;
		}
		case 'timeout':
			if (attributes.timeout > 0) setTimeout(() => from.destroy(), attributes.timeout).unref();
			return undefined;
		case 'bandwidth':
			await wait(data.length / attributes.rate);
			return data;
		case 'reset_peer':
			await wait(attributes.timeout);
			from.resetAndDestroy();
			to.resetAndDestroy();
			return undefined;
		case 'limit_data': {
			const left = attributes.bytes - passedBytes;
			if (data.length < left) return data;
			setImmediate(() => from.destroy());
			return data.subarray(0, Math.max(0, left));
		}
	}
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));
