/// The output scripts that have an address, and how to tell them apart (BIP16, BIP141, BIP341).
@NullMarked
package org.tutti.bitcoin.script;

import org.jspecify.annotations.NullMarked;
