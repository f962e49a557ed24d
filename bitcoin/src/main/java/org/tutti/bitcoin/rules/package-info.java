/// What a block must be on its network and at its height, as far as the block itself shows it
/// (Bitcoin Core, `CheckBlock` and `ContextualCheckBlock`).
///
/// Start reading at [BlockRules][org.tutti.bitcoin.rules.BlockRules].
@NullMarked
package org.tutti.bitcoin.rules;

import org.jspecify.annotations.NullMarked;
