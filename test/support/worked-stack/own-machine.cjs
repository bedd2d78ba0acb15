// Gives the process the name and the address in its environment, as if it ran in a container of its own.
const fs = require('node:fs');
const os = require('node:os');

const { BULWARK_TEST_HOST: name, BULWARK_TEST_ADDRESS: address } = process.env;
const { existsSync } = fs;
const own = {
	address,
	netmask: '255.0.0.0',
	family: 'IPv4',
	mac: '',
	internal: false,
	cidr: `${address}/8`,
};
if (name) {
	os.hostname = () => name;
	// n8n goes by its host's name only there.
	fs.existsSync = (path) => path === '/.dockerenv' || existsSync(path);
}
if (address) os.networkInterfaces = () => ({ eth0: [own] });
