using System.Globalization;
using PSSecureChat.Views;

namespace PSSecureChat.Terminal.Tests.Views;

public sealed class ViewTextTests
{
    [Theory]
    [InlineData("bob", "bob")]
    [InlineData("Anna Maria Theodora", "Anna Maria\nTheodora")]
    [InlineData("xxxxxxxxxxxxxxxxxxxxlast", "xxxxxxxxxxxx\nxxxxxxxxlast")]
    [InlineData("漢字漢字漢字漢", "漢字漢字漢字\n漢")]
    [InlineData(null, "")]
    public void A_name_is_shown_whole(string? name, string shown) => Assert.Equal(shown, ViewText.Name(name, 12));

    [Theory]
    [InlineData("short", "short")]
    [InlineData("one two three four", "one two thr…")]
    [InlineData("漢字漢字漢字漢字", "漢字漢字漢…")]
    [InlineData("one\ntwo \u001b[31m", "one⏎two ␛[3…")]
    public void A_beginning_fits_one_line(string text, string shown) => Assert.Equal(shown, ViewText.Beginning(text, 12));

    [Theory]
    [InlineData("report.txt", "report.txt")]
    [InlineData("a-very-long-report.txt", "a-very-….txt")]
    [InlineData("invoice.pdf          .exe", "invoice….exe")]
    [InlineData("資料資料資料資料.txt", "資料資….txt")]
    [InlineData("[fd12:3456:789a:bcde]:80", "[fd12:3…]:80")]
    public void Of_a_file_and_an_address_both_ends_are_seen(string text, string shown) => Assert.Equal(shown, ViewText.Ends(text, 12));

    [Theory]
    [InlineData(null, "one\ntwo and three and four", "one\ntwo and three and four")]
    [InlineData("Text", "\u001b[31m", "␛[31m")]
    [InlineData("Object", "{\"Disk\":\"sda1\",\n\"FreeGB\":3}", "{\"Disk\":\"sda1\",⏎…")]
    [InlineData("7", "of a later version", "(kind 7) of a later version")]
    public void Of_an_object_a_table_shows_one_line(string? kind, string text, string shown) => Assert.Equal(shown, ViewText.OfMessage(null, kind, text, 62));

    [Theory]
    [InlineData("nl-NL")]
    [InlineData("ja-JP")]
    [InlineData("")]
    public void A_long_text_is_divided_between_words_where_PowerShell_would_break_them(string culture) => In(culture, static () =>
    {
        Assert.Equal("The certificate\nof its server is\nof another time.", ViewText.Rest(40, "The certificate of its server is of another time.", 24));
        Assert.Equal("one\ntwo three", ViewText.Rest(40, "one\ntwo three", 24));
        Assert.Equal("漢字漢字漢字漢字\n漢 字", ViewText.Rest(40, "漢字漢字漢字漢字漢 字", 24));
    });

    [Theory]
    [InlineData("en-US", 80)]
    [InlineData("de-CH", 80)]
    [InlineData("nl-NL", 0)]
    [InlineData("nl-NL", -1)]
    public void It_is_left_to_PowerShell_where_that_divides_between_words_and_where_no_width_is_known(string culture, int width) => In(culture, () =>
        Assert.Equal(new string('x', 100) + " y", ViewText.Rest(width, new string('x', 100) + " y", 53)));

    [Fact]
    public void A_host_without_a_terminal_has_no_width() => In("nl-NL", static () => Assert.Equal("one two", ViewText.Rest(null, "one two", 78)));

    private static void In(string culture, Action look)
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo(culture);
        try
        {
            look();
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }
}
