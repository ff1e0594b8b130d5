// Adds to a page that works without scripts: the keyboard, the panel of details, near-copies that
// unfold in place, progress while photos are being understood, and photos that are dropped on it.
import { watchDetails } from "./details.js";
import { watchDrops } from "./drops.js";
import { watchForms } from "./forms.js";
import { watchKeys } from "./keyboard.js";
import { watchMenus } from "./menu.js";
import { watchProgress } from "./progress.js";
import { watchShelves } from "./shelves.js";
import { watchSimilar } from "./similar.js";

watchMenus();
watchSimilar();
watchForms();
watchShelves();
const panel = watchDetails();
watchKeys(panel);
const progress = watchProgress(panel);
watchDrops(progress);
