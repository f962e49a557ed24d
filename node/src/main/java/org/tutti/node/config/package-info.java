/// A node's TOML file, read strictly: every error names file, line and key. Start reading at
/// [org.tutti.node.config.ConfigReader].
@NullMarked
package org.tutti.node.config;

import org.jspecify.annotations.NullMarked;
