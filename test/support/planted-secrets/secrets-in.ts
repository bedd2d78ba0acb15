import { mark } from '../../../toolchain/secret-mark.js';

/** What to look for, by what it is called. */
const needles = new Map<string, readonly Buffer[]>([['a planted secret', formsOf(mark)]]);

/** Lets a secret be found that has not been made by `plantedSecret`, such as a key. */
export function knowSecret(label: string, secret: string): void {
	needles.set(label, formsOf(secret));
}

/** What the secrets are called that are in a text, as they are, in base64 or in hex. */
export function secretsIn(content: string | Buffer): string[] {
	const buffer = Buffer.from(content as string);
	return [...needles]
		.filter(([, forms]) => forms.some((form) => buffer.includes(form)))
		.map(([label]) => label);
}

function formsOf(secret: string): Buffer[] {
	const bytes = Buffer.from(secret);
	const hex = bytes.toString('hex');
	return [
		bytes,
		...[hex, hex.toUpperCase()].map((text) => Buffer.from(text)),
		...[0, 1, 2].map((before) => Buffer.from(withinBase64(bytes, before))),
	];
}

/** The characters that base64 has for these bytes alone when so many others, or three more, come before them. */
function withinBase64(bytes: Buffer, before: number): string {
	const encoded = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
	const first = Math.ceil((before * 8) / 6);
	const last = Math.floor(((before + bytes.length) * 8) / 6);
	return encoded.slice(first, last);
}
