namespace PSSecureChat.Terminal.Tests;

public class ExitTests
{
    /// <summary>Far more than leaving takes, and far less than the limits of what it could wait for.</summary>
    private static readonly TimeSpan Promptly = TimeSpan.FromSeconds(15);

    [Theory]
    [InlineData("1 + 1", 0)]
    [InlineData("exit 7", 7)]
    [InlineData("throw 'a fit'", 1)]
    [InlineData("nosuchcommand", 1)]
    [InlineData("this is { not PowerShell", 1)]
    [InlineData("nosuchcommand; 'and on' # a comment", 0)]
    public void A_command_decides_the_exit_code(string command, int expected)
    {
        using ConsoleProcess console = new("-Command", command);
        Assert.Equal(expected, console.WaitForExit());
    }

    [Theory]
    [InlineData("param($Name, [switch] $Loud) \"$Name $Loud\"; exit 3", 3, "^it's ana True$")]
    [InlineData("nosuchcommand; 'went on'", 0, "^went on$")]
    [InlineData("throw 'a fit'", 1, "a fit")]
    public void A_script_decides_the_exit_code(string script, int expected, string output)
    {
        string path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N} it's.ps1");
        File.WriteAllText(path, script);
        try
        {
            using ConsoleProcess console = new(path, "-Loud", "it's ana");
            console.WaitFor(output);
            Assert.Equal(expected, console.WaitForExit());
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Exit_at_the_prompt_leaves_at_once_with_a_server_running()
    {
        using ConsoleProcess console = ConsoleProcess.AtPrompt("ana", out _);
        console.Type("exit 4");
        Assert.Equal(4, console.WaitForExit(Promptly));
    }

    [Fact]
    public void The_end_of_the_input_leaves_at_once_with_a_server_running()
    {
        using ConsoleProcess console = ConsoleProcess.AtPrompt("ana", out _);
        console.EndInput();
        Assert.Equal(0, console.WaitForExit(Promptly));
    }

    [Fact]
    public void A_script_leaves_at_once_with_a_server_running()
    {
        using ConsoleProcess console = new("-Command", "$server = Start-ChatServer 127.0.0.1 0 ana -Ephemeral; 'started'");
        console.WaitFor("^started$");
        Assert.Equal(0, console.WaitForExit(Promptly));
    }

    [Fact]
    public void An_unknown_option_is_refused_with_the_usage()
    {
        using ConsoleProcess console = new("-Nonsense");
        console.WaitFor("'-Nonsense' is not understood");
        Assert.Equal(64, console.WaitForExit());
    }

    [Fact]
    public void A_script_that_is_not_there_is_refused()
    {
        using ConsoleProcess console = new("nosuch.ps1");
        console.WaitFor("There is no script '.*nosuch.ps1'");
        Assert.Equal(64, console.WaitForExit());
    }

    [Theory]
    [InlineData(1, "init")]
    [InlineData(1, "init", "127.0.0.1", "x", "ana")]
    [InlineData(1, "init", "192.0.2.1", "0", "ana", "-Ephemeral")]
    [InlineData(0, "init", "127.0.0.1", "0", "ana", "-Ephemeral")]
    public void A_server_that_cannot_be_started_from_the_command_line_is_told_to_who_started_it(int expected, params string[] arguments)
    {
        using ConsoleProcess console = new(arguments);
        console.EndInput();
        Assert.Equal(expected, console.WaitForExit());
    }

    [Fact]
    public void Nothing_is_left_for_telemetry()
    {
        using ConsoleProcess console = new("-Command", "1 + 1");
        Assert.Equal(0, console.WaitForExit());
        Assert.DoesNotContain("telemetry.uuid", console.FilesAtHome);
    }

    [Fact]
    public void The_quick_start_shows_both_inboxes()
    {
        using ConsoleProcess console = new(ConsoleProcess.Example("quickstart.ps1"));
        console.WaitFor("^The inbox of bob:$");
        console.WaitFor("^  ana: Hello Bob 👋$");
        console.WaitFor("^The inbox of ana:$");
        console.WaitFor("^  bob: Hi Ana");
        Assert.Equal(0, console.WaitForExit());
    }
}
