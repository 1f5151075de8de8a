namespace PSSecureChat.ModuleTests;

public sealed class ExampleTests
{
    [Theory]
    [InlineData("echo-bot", "output: answered visitor", "output: echo: echo: bye")]
    [InlineData("alert", "output: delivered to ops")]
    [InlineData("approval", "output: ops: let me look", "output: ops: yes", "output: approved")]
    [InlineData(
        "ticket-bot",
        "output: ticket 3: disk sd3 on web3 is 93 % full",
        "output: the bot dies when the third ticket is made, before it can say so",
        "output: ticket for sd3 was made before",
        "output: ticket 4: disk sd4 on web4 is 94 % full",
        "output: ticket 5: disk sd5 on web5 is 95 % full")]
    [InlineData("two-machines", "output: second: Can you hear me?", "output: first: Loud and clear.", "output: first is Verified")]
    public void An_example_runs_as_written(string name, params string[] said)
    {
        Transcript run = Run(name);

        Assert.Equal(said, run.Lines.Where(said.Contains).Distinct());
    }

    // Files that are taken together are on their way together: whichever is whole first is told first.
    [Fact]
    public void The_file_drop_says_of_each_file_that_it_has_come_and_then_what_it_did_not_take()
    {
        Transcript run = Run("file-drop");

        Assert.Equal(
            ["scanner brought invoice.txt, 20 bytes", "scanner brought letter.txt, 19 bytes"],
            run.Output.Select(static line => line.ToString()).Where(static line => line.Contains(" brought ", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.Equal("scanner may keep game.exe", run.Output[^1].ToString());
    }

    private static Transcript Run(string name)
    {
        using Session session = Session.Start();
        session.Runspace.SessionStateProxy.SetVariable("example", Path.Combine(Repository.Root, "examples", $"{name}.ps1"));

        Transcript run = session.Run("& $example");

        Assert.Empty(run.Errors);
        Assert.Empty(session.Run("Get-ChatServer").Lines);
        return run;
    }
}
