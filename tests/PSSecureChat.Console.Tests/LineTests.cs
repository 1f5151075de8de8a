using PSSecureChat.Terminal.Editing;
using PSSecureChat.Terminal.Hosting;
using PSSecureChat.Terminal.Prompt;

namespace PSSecureChat.Terminal.Tests;

/// <summary>What becomes of a line: how it is understood, drawn, kept.</summary>
public class LineTests
{
    [Theory]
    [InlineData("send ana hello", "send 'ana' 'hello'")]
    [InlineData("  SEND ana  it's; $x (y) \"z\"", "send 'ana' 'it''s; $x (y) \"z\"'")]
    [InlineData("send 'ana maria' hello", "send 'ana maria' 'hello'")]
    [InlineData("send ana \"quoted as a whole\"", "send 'ana' 'quoted as a whole'")]
    [InlineData("send ana 'a' and 'b'", "send 'ana' '''a'' and ''b'''")]
    [InlineData("send ana", "send ana")]
    [InlineData("send $peer hello", "send $peer hello")]
    [InlineData("send -User ana -Text hi", "send -User ana -Text hi")]
    [InlineData("Send-ChatMessage ana $text", "Send-ChatMessage ana $text")]
    [InlineData("sender ana hello", "sender ana hello")]
    public void The_text_after_send_is_taken_as_typed(string line, string expected) => Assert.Equal(expected, SendLine.Translate(line));

    [Theory]
    [InlineData("conn 192.168.0.21 8095", true)]
    [InlineData("send ana", true)]
    [InlineData("inbox ana", true)]
    [InlineData("send ana see you at nine", false)]
    [InlineData("if (1) { send ana see you }", false)]
    [InlineData("'see you' | Send-ChatMessage ana", false)]
    [InlineData("Start-ChatServer -Passphrase $p", false)]
    [InlineData("Send-ChatMessage ana @'\nsee you\n'@", false)]
    [InlineData("foreach ($i in 1..3) {\n$i\n}", false)]
    public void Lines_with_the_text_of_a_message_are_not_kept(string line, bool kept) => Assert.Equal(kept, HistoryFile.MayBeKept(line));

    [Theory]
    [InlineData("", 0, "\r> \e[K\e[3G")]
    [InlineData("abc", 1, "\r> abc\e[K\e[4G")]
    [InlineData("日本", 1, "\r> 日本\e[K\e[5G")]
    [InlineData("😀x", 2, "\r> 😀x\e[K\e[5G")]
    [InlineData("0123456789abcdefghij", 20, "\r> 3456789abcdefghij\e[K\e[20G")]
    [InlineData("0123456789abcdefghij", 15, "\r> 3456789abcdefghij\e[K\e[15G")]
    [InlineData("0123456789abcdefghij", 0, "\r> 0123456789abcdefg\e[K\e[3G")]
    [InlineData("a\ab", 3, "\r> a\u2407b\e[K\e[6G")]
    public void The_line_is_drawn_by_cells_on_one_row(string line, int cursor, string expected) => Assert.Equal(expected, LineView.Draw("> ", line, cursor, width: 20));

    [Theory]
    [InlineData("plain\ttext\r\n", "plain\ttext\n")]
    [InlineData("a\e[31mred\e[0m", "ared")]
    [InlineData("a\e[2J\a", "a\u241B[2J\u2407")]
    [InlineData("a\u009B31m", "a\uFFFD31m")]
    [InlineData("over\rwrite", "over\u240Dwrite")]
    public void No_control_sequence_passes(string text, string expected) => Assert.Equal(expected, PlainText.Of(text));

    [Fact]
    public void A_long_message_is_announced_in_part() => Assert.Contains("… (5000 characters", MessageNotice.Of(["ana", new string('x', 5000)]), StringComparison.Ordinal);

    [Fact]
    public void The_lines_of_a_message_are_indented() => Assert.Equal("ana: one\n    Now connected to bob", MessageNotice.Of(["ana", "one\nNow connected to bob"]));
}
