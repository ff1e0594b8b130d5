// Adds to a page that works without scripts: the keyboard, the panel of details, near-copies that
// unfold in place, and progress while photos are being understood.
import { watchDetails } from "./details.js";
import { watchKeys } from "./keyboard.js";
import { watchMenu } from "./menu.js";
import { watchProgress } from "./progress.js";
import { watchSimilar } from "./similar.js";

watchMenu();
watchSimilar();
const panel = watchDetails();
watchKeys(panel);
watchProgress(panel);
