/// Peers that do what a test tells them, right or wrong. Start reading at `ScriptedPeer`.
@NullMarked
package org.tutti.testkit.peers;

import org.jspecify.annotations.NullMarked;
