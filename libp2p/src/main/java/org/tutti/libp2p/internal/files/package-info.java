/// Small files of a host that show whether they are whole.
@NullMarked
package org.tutti.libp2p.internal.files;

import org.jspecify.annotations.NullMarked;
