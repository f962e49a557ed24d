package org.tutti.app.chain;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tutti.app.cli.Main;
import org.tutti.app.exit.ExitCodes;
import org.tutti.node.json.JsonLine;
import org.tutti.node.json.JsonLineException;
import org.tutti.node.json.JsonObject;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;

class ChainCommandTest {
    private static final Path VECTORS = Path.of(System.getProperty("tutti.vectors"));
    private static final String MAINNET =
            VECTORS.resolve("headers-mainnet/mainnet_0-32259.bin.gz").toString();
    private static final String ALTERNATE =
            VECTORS.resolve("headers-forks/mainnet_alt_1-2015.bin.gz").toString();

    @TempDir private Path data;

    private int exit;
    private String errors = "";

    private String chain(String network, String... args) {
        String[] all = Arrays.copyOf(args, args.length + 5);
        System.arraycopy(
                new String[] {"--network", network, "--data-dir", data.toString(), "--json"},
                0,
                all,
                args.length,
                5);
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        String[] command = new String[all.length + 1];
        command[0] = "chain";
        System.arraycopy(all, 0, command, 1, all.length);
        exit = Main.run(new PrintWriter(out), new PrintWriter(err), command);
        errors = err.toString();
        return out.toString().strip();
    }

    private JsonObject answer(String network, String... args) throws JsonLineException {
        return JsonLine.parse(chain(network, args));
    }

    @Test
    void aChainIsImportedWithABranchAndLookedUp() throws Exception {
        JsonObject imported = answer("mainnet", "import", MAINNET);
        assertThat(exit).as(errors).isEqualTo(ExitCodes.OK);
        assertThat(imported.toString()).contains("32259");
        answer("mainnet", "import", ALTERNATE);
        assertThat(exit).isEqualTo(ExitCodes.OK);

        assertThat(chain("mainnet", "status"))
                .contains("\"ok\":true", "\"height\":32259", "\"sideHeaders\":2015")
                .contains("\"enoughWork\":false");
        assertThat(chain("mainnet", "tips")).contains("\"height\":2015", "\"forkHeight\":0");
        assertThat(chain("mainnet", "header", "0"))
                .contains("000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f")
                .contains("\"confirmations\":32260");
        assertThat(chain("mainnet", "locator"))
                .contains("000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f");
        chain("mainnet", "header", "32260");
        assertThat(exit).isEqualTo(ExitCodes.FAILED);
        chain("mainnet", "header", "x");
        assertThat(exit).isEqualTo(ExitCodes.USAGE);
    }

    @Test
    void whatIsExportedIsWhatWasImported() throws IOException {
        chain("mainnet", "import", MAINNET);
        Path file = data.resolve("out.bin.gz");
        assertThat(chain("mainnet", "export", file.toString())).contains("\"exported\":32260");
        assertThat(unpacked(Files.readAllBytes(file)))
                .isEqualTo(unpacked(Files.readAllBytes(Path.of(MAINNET))));
        chain("mainnet", "export", file.toString());
        assertThat(exit).isEqualTo(ExitCodes.ENVIRONMENT);
        assertThat(errors).contains("exists already");
    }

    private static byte[] unpacked(byte[] gzip) throws IOException {
        return new GZIPInputStream(new ByteArrayInputStream(gzip)).readAllBytes();
    }

    @Test
    void aChainThatBeginsInTheMiddleNeedsAnAnchor() {
        String file = VECTORS.resolve("headers-mainnet/mainnet_300000-300499.bin").toString();
        chain("mainnet", "import", file);
        assertThat(exit).isEqualTo(ExitCodes.FAILED);
        assertThat(errors).contains("--anchor");
        assertThat(data.resolve("chain")).doesNotExist();
        assertThat(chain("mainnet", "import", file, "--anchor", "300000,1900896c,1398811175"))
                .contains("\"height\":300499", "\"imported\":499");
        assertThat(exit).isEqualTo(ExitCodes.OK);
        assertThat(chain("mainnet", "status")).contains("\"startHeight\":300000");
        data = data.resolve("other");
        assertThat(chain("mainnet", "import", file, "--anchor", "300000,1900896c,1"))
                .as("another time than its period's shows at the retarget")
                .contains("\"code\":\"WRONG_BITS\"", "\"height\":300383");
        chain("mainnet", "import", file, "--anchor", "300000,1900896d,1");
        assertThat(exit).isEqualTo(ExitCodes.FAILED);
        chain("mainnet", "import", file, "--anchor", "1,2");
        assertThat(exit).isEqualTo(ExitCodes.USAGE);
    }

    @Test
    void aHeaderThatBreaksARuleEndsTheImportAndThoseBeforeItAreKept() throws IOException {
        byte[] headers = unpacked(Files.readAllBytes(Path.of(MAINNET)));
        byte[] bad = Arrays.copyOf(headers, 80 * 100);
        bad[80 * 60 + 75] ^= 1;
        Path file = Files.write(data.resolve("bad.bin"), bad);
        assertThat(chain("mainnet", "import", file.toString()))
                .contains("\"ok\":false", "\"code\":\"WRONG_BITS\"", "\"height\":59");
        assertThat(exit).isEqualTo(ExitCodes.FAILED);
        Files.write(file, Arrays.copyOf(headers, 80 * 70 + 3));
        assertThat(chain("mainnet", "import", file.toString())).contains("\"code\":\"CUT_OFF\"");
        chain("testnet3", "import", MAINNET);
        assertThat(exit).isNotEqualTo(ExitCodes.OK);
    }

    @Test
    void theOperatorDecidesWhatCounts() {
        chain("mainnet", "import", MAINNET);
        chain("mainnet", "import", ALTERNATE);
        String first = "00000000839a8e6886ab5951d76f411475428afc90947ee320161bbf18eb6048";
        assertThat(chain("mainnet", "invalidate", first)).contains("\"height\":2015");
        assertThat(chain("mainnet", "status")).contains("\"height\":2015");
        assertThat(chain("mainnet", "reconsider", first)).contains("\"height\":32259");
        chain(
                "mainnet",
                "invalidate",
                "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f");
        assertThat(exit).isEqualTo(ExitCodes.USAGE);
    }

    @Test
    void withoutHeadersThereIsNothingToShow() {
        chain("mainnet", "status");
        assertThat(exit).isEqualTo(ExitCodes.ENVIRONMENT);
        assertThat(errors).contains("no headers");
        chain("nonet", "status");
        assertThat(exit).isEqualTo(ExitCodes.USAGE);
    }
}
