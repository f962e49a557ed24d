/// How far the system protects the memory that secret keys and secret nonces lie in.
@NullMarked
package org.tutti.musig.memory;

import org.jspecify.annotations.NullMarked;
