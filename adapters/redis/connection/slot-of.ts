/** Into so many a cluster parts its keys. */
const SLOTS = 16_384;

/** CRC16 as clusters have it: XMODEM. */
const POLYNOMIAL = 0x1021;

/** The slot of a cluster that a key lies in. */
export function slotOf(key: string): number {
	// Of a key with a hash tag only that counts.
	const tagged = /^[^{]*\{([^}]+)\}/.exec(key)?.[1] ?? key;
	let crc = 0;
	for (const byte of Buffer.from(tagged)) {
		crc ^= byte << 8;
		for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ POLYNOMIAL : crc << 1;
	}
	return (crc & 0xffff) % SLOTS;
}
