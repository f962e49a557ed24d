package org.tutti.testkit.svg;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.testkit.svg.Chart.Point;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.xml.sax.InputSource;

import java.io.StringReader;
import java.util.List;

import javax.xml.parsers.DocumentBuilderFactory;

class ChartTest {
    private static Document parsed(Chart chart) throws Exception {
        return DocumentBuilderFactory.newDefaultInstance()
                .newDocumentBuilder()
                .parse(new InputSource(new StringReader(chart.svg())));
    }

    @Test
    void aLineIsDrawnFromTheLowerLeftToTheUpperRight() throws Exception {
        Chart chart = new Chart("hops", "nodes", "hops");
        chart.line("ours", List.of(new Point(0, 0), new Point(10, 100)));
        Document svg = parsed(chart);
        String path = ((Element) svg.getElementsByTagName("path").item(0)).getAttribute("d");
        assertThat(path).matches("M70\\.0 360\\.0L[56]\\d\\d\\.\\d \\d\\d\\.\\d");
        assertThat(svg.getDocumentElement().getTextContent()).contains("ours", "nodes", "100");
    }

    @Test
    void textIsEscapedAndEmptySeriesAreDrawn() throws Exception {
        Chart chart = new Chart("a < b & \"c\"", "x", "y").scatter("none", List.of());
        assertThat(parsed(chart).getDocumentElement().getTextContent()).contains("a < b & \"c\"");
    }

    @Test
    void aLogarithmicAxisHasPowersOfTenAndLeavesOutWhatItCannotShow() throws Exception {
        Chart chart = new Chart("t", "x", "y").logarithmicX();
        chart.scatter("s", List.of(new Point(0, 1), new Point(20, 1), new Point(9_000, 2)));
        Document svg = parsed(chart);
        assertThat(svg.getElementsByTagName("circle").getLength()).isEqualTo(2);
        assertThat(svg.getDocumentElement().getTextContent()).contains("10", "100", "10000");
    }

    @Test
    void theShareOfValuesEndsAtOne() {
        double[] values = new double[999];
        for (int i = 0; i < values.length; i++) {
            values[i] = values.length - i;
        }
        List<Point> points = Chart.cumulative(values);
        assertThat(points).hasSizeLessThanOrEqualTo(251);
        assertThat(points.getLast()).isEqualTo(new Point(999, 1));
        assertThat(points.get(points.size() / 2).y()).isBetween(0.45, 0.55);
        assertThat(Chart.cumulative()).isEmpty();
    }
}
