namespace PSSecureChat.Terminal.Tests;

public class PromptTests
{
    [Fact]
    public void Help_lists_the_commands_of_the_prompt()
    {
        using ConsoleProcess console = new();
        console.Type("help");
        foreach (string command in new[] { "init", "conn", "send", "inbox", "help", "exit" })
        {
            console.WaitFor($"^{command} ");
        }

        console.WaitFor("Start-ChatServer");
        Assert.DoesNotContain(console.Transcript.Split('\n'), static line => line.Length > 80);
    }

    [Fact]
    public void An_unknown_sender_is_told_without_the_inside_of_the_command()
    {
        using ConsoleProcess console = ConsoleProcess.AtPrompt("ana", out _);
        console.Type("inbox nobody");
        console.WaitFor("No peer is named 'nobody'"); // errors come by a stream of their own
        console.Type("'and ' + 'here'");
        console.WaitFor("^and here$");
        Assert.DoesNotContain("Get-ChatInbox", console.Transcript, StringComparison.Ordinal);
        Assert.DoesNotContain("@from", console.Transcript, StringComparison.Ordinal);
    }

    [Fact]
    public void Whatever_is_powershell_works()
    {
        using ConsoleProcess console = new();
        console.Type("function Twice($n) {");
        console.Type("  $n * 2");
        console.Type("}");
        console.Type("1..3 | ForEach-Object { Twice $_ } | Where-Object { $_ -gt 3 } | ForEach-Object { \"got $_\" }");
        console.WaitFor("^got 4$");
        console.WaitFor("^got 6$");
    }

    [Theory]
    [InlineData("conn localhost abc", "'abc' is not a port")]
    [InlineData("conn localhost 70000", "'70000' is not a port")]
    [InlineData("conn localhost 0", "'0' is not a port")]
    [InlineData("init localhost x ana", "'x' is not a port")]
    [InlineData("conn localhost 8095", "No server was started")]
    [InlineData("send ana hello", "No server was started")]
    [InlineData("inbox", "No server was started")]
    [InlineData("nosuchcommand", "nosuchcommand")]
    [InlineData("throw 'a fit'", "a fit")]
    public void An_error_is_told_and_the_prompt_goes_on(string line, string message)
    {
        using ConsoleProcess console = new();
        console.Type(line);
        console.Type("'still ' + 'here'");
        console.WaitFor(System.Text.RegularExpressions.Regex.Escape(message));
        console.Type("'and ' + 'here'");
        console.WaitFor("^and here$");
        Assert.Contains("still here", console.Transcript, StringComparison.Ordinal);
    }

    [Fact]
    public void A_peer_nobody_connected_to_cannot_be_sent_to()
    {
        using ConsoleProcess console = ConsoleProcess.AtPrompt("ana", out _);
        console.Type("send bob");
        console.WaitFor("You're not connected to bob");
    }

    [Fact]
    public void A_port_in_use_is_told_with_a_hint()
    {
        using ConsoleProcess ana = ConsoleProcess.AtPrompt("ana", out int port);
        ana.Type($"init 127.0.0.1 {port} bob -Ephemeral");
        ana.WaitFor($"{port}");
        ana.WaitFor("Recommendation: ");
    }

    [Fact]
    public void A_missing_parameter_is_asked_for()
    {
        using ConsoleProcess console = ConsoleProcess.AtPrompt("ana", out _);
        console.Type("Send-ChatMessage julia");
        console.WaitFor("^Message: $");
        console.Type("hello");
        console.WaitFor("julia");
    }

    [Fact]
    public void A_choice_is_asked_for()
    {
        using ConsoleProcess console = ConsoleProcess.AtPrompt("ana", out _);
        console.Type("Stop-ChatServer -Confirm");
        console.WaitFor(@"\[Y\] Yes");
        console.Type("y");
        console.Type("'state ' + @(Get-ChatServer).Count");
        console.WaitFor("^state 0$");
    }

    [Fact]
    public void The_command_line_of_the_seed_starts_a_server()
    {
        using ConsoleProcess console = new("init", "127.0.0.1", "0", "ana", "-Ephemeral");
        console.WaitFor(@"^Now listening on 127\.0\.0\.1:\d+$");
        console.Type("(Get-ChatServer).Name");
        console.WaitFor("^ana$");
    }
}
