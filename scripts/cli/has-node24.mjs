// Plain JavaScript, so that an old Node can at least be told from the right one.
const NEEDED = 24;

/** Whether this Node can run Bulwark and n8n; says what to do when it cannot. */
export function hasNode24() {
	const major = Number(process.versions.node.split('.')[0]);
	if (major >= NEEDED) return true;
	console.error(
		`Bulwark and n8n need Node ${NEEDED} or newer; this is Node ${process.versions.node}.\n` +
			`-> \`npm install\` brings Node ${NEEDED} along where it can; else install it from your system or nodejs.org.`,
	);
	process.exitCode = 1;
	return false;
}
