package org.tutti.libp2p.multiformats;

import java.io.ByteArrayOutputStream;
import java.util.HashMap;
import java.util.Map;

/// One code point for each byte (multibase rfcs/Base256Emoji.md).
final class EmojiBase {
    private static final String ALPHABET =
            "🚀🪐☄🛰🌌🌑🌒🌓🌔🌕🌖🌗🌘🌍🌏🌎🐉☀💻🖥💾💿😂❤😍🤣😊🙏💕😭😘👍"
                    + "😅👏😁🔥🥰💔💖💙😢🤔😆🙄💪😉☺👌🤗💜😔😎😇🌹🤦🎉💞✌✨🤷😱😌🌸🙌"
                    + "😋💗💚😏💛🙂💓🤩😄😀🖤😃💯🙈👇🎶😒🤭❣😜💋👀😪😑💥🙋😞😩😡🤪👊🥳"
                    + "😥🤤👉💃😳✋😚😝😴🌟😬🙃🍀🌷😻😓⭐✅🥺🌈😈🤘💦✔😣🏃💐☹🎊💘😠☝"
                    + "😕🌺🎂🌻😐🖕💝🙊😹🗣💫💀👑🎵🤞😛🔴😤🌼😫⚽🤙☕🏆🤫👈😮🙆🍻🍃🐶💁"
                    + "😲🌿🧡🎁⚡🌞🎈❌✊👋😰🤨😶🤝🚶💰🍓💢🤟🙁🚨💨🤬✈🎀🍺🤓😙💟🌱😖👶"
                    + "🥴▶➡❓💎💸⬇😨🌚🦋😷🕺⚠🙅😟😵👎🤲🤠🤧📌🔵💅🧐🐾🍒😗🤑🌊🤯🐷☎"
                    + "💧😯💆👆🎤🙇🍑❄🌴💣🐸💌📍🥀🤢👅💡💩👐📸👻🤐🤮🎼🥵🚩🍎🍊👼💍📣🥂";

    private final int[] digits = ALPHABET.codePoints().toArray();
    private final Map<Integer, Byte> values = new HashMap<>();

    EmojiBase() {
        for (int i = 0; i < digits.length; i++) {
            values.put(digits[i], (byte) i);
        }
    }

    String encode(byte[] input) {
        StringBuilder text = new StringBuilder(2 * input.length);
        for (byte b : input) {
            text.appendCodePoint(digits[b & 0xff]);
        }
        return text.toString();
    }

    byte[] decode(CharSequence text) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(text.length());
        text.codePoints()
                .forEach(digit -> {
                    Byte value = values.get(digit);
                    if (value == null) {
                        throw new MultiformatException(
                                MultiformatException.Format.MULTIBASE,
                                "not a digit of base256emoji");
                    }
                    out.write(value);
                });
        return out.toByteArray();
    }
}
