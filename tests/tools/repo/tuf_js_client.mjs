// An independent TUF client over tuf-js: downloads targets, checked by its own code.
//   node tuf_js_client.mjs PACKAGE_FOLDER METADATA_FOLDER METADATA_URL TARGET_FOLDER TARGET_URL TARGET...
import { createRequire } from "node:module";
import { join } from "node:path";

const [packages, metadataDir, metadataBaseUrl, targetDir, targetBaseUrl, ...targets] = process.argv.slice(2);
const { Updater } = createRequire(join(packages, "here.js"))("tuf-js");

try {
	const updater = new Updater({ metadataDir, metadataBaseUrl, targetDir, targetBaseUrl });
	await updater.refresh();
	for (const path of targets) {
		const info = await updater.getTargetInfo(path);
		if (!info) throw new Error(`${path}: no target of this name`);
		await updater.downloadTarget(info, join(targetDir, encodeURIComponent(path)));
	}
} catch (error) {
	console.error(`tuf-js: ${error.message}`);
	process.exit(1);
}
