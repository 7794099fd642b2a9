/// The file of settings, `ringkeep.yaml`: what may stand in it, and what does.
///
/// A setting has the name of the option it stands in for, in one of the sections `repository`,
/// `cache` and `restore`. Read [io.ringkeep.config.Setting] for all there are, and
/// [io.ringkeep.config.ConfigFile] for how they are read.
///
/// Invariants: what is not known is an error that names its line; every value keeps its line, so
/// that whatever is wrong with it can be found; no secret stands in the file, only where one is.
@NullMarked
package io.ringkeep.config;

import org.jspecify.annotations.NullMarked;
