using System.Management.Automation;

namespace PSSecureChat.ModuleTests;

public sealed class ObjectTests
{
    [Fact]
    public void An_object_arrives_as_a_plain_one_with_the_name_of_its_type()
    {
        using Session session = Session.StartConversation();
        Transcript sent = session.Run("""
            $disk = [pscustomobject]@{ PSTypeName = 'Ops.Disk'; Name = 'sda'; Free = 12.5; Bytes = 5000000000; Mounts = @('/', '/home'); Full = $false; Owner = $null; When = [datetime]::SpecifyKind([datetime]'2026-01-02T03:04:05', 'Utc'); Nested = @{ a = @{ b = @(1) } } }
            $null = Send-ChatMessage alice -InputObject $disk -WaitFor Delivered
            $message = Get-ChatInbox -Server $alice
            $body = $message.Body
            """);
        Assert.Empty(sent.Errors);
        Assert.Equal(["output: Object"], session.Run("$message.Kind").Lines);
        Assert.Equal(["output: PSSecureChat.Received#Ops.Disk"], session.Run("$body.PSObject.TypeNames[0]").Lines);
        Assert.Equal(
            ["output: sda 12.5 5000000000 / /home False True 2026-01-02T03:04:05.0000000Z 1"],
            session.Run("\"$($body.Name) $($body.Free) $($body.Bytes) $($body.Mounts) $($body.Full) $($null -eq $body.Owner) $($body.When) $($body.Nested.a.b)\"").Lines);
        Assert.Equal(["output: True"], session.Run("$body.Free -is [double] -and $body.Bytes -is [long] -and $body.Mounts -is [array] -and $body.Nested.a.b -is [array] -and $body.When -is [string]").Lines);
        Assert.Equal(["output: True"], session.Run("$message.Text.StartsWith('{\"PSTypeName\":\"Ops.Disk\",\"Name\":\"sda\",') -and [object]::ReferenceEquals($message.Body, $message.Body)").Lines);
    }

    [Theory]
    [InlineData("'text' | Send-ChatMessage alice", "Text text")]
    [InlineData("5 | Send-ChatMessage alice", "Text 5")]
    [InlineData("[guid]::Empty | Send-ChatMessage alice", "Text 00000000-0000-0000-0000-000000000000")]
    [InlineData("Send-ChatMessage alice -InputObject 'text'", "Text text")]
    [InlineData("[pscustomobject]@{ a = 1 } | Send-ChatMessage alice", "Object {\"a\":1}")]
    [InlineData("@{ a = 1 } | Send-ChatMessage alice", "Object {\"a\":1}")]
    [InlineData("Send-ChatMessage alice -InputObject 1, 2", "Object [1,2]")]
    [InlineData("Send-ChatMessage alice -InputObject @()", "Object []")]
    [InlineData("Get-ChatPeer | Send-ChatMessage -InputObject @{ a = 1 }", "Object {\"a\":1}")]
    [InlineData("[pscustomobject]@{ To = 'alice'; Text = 'row' } | Send-ChatMessage", "Text row")]
    [InlineData("Send-ChatMessage alice -InputObject ([pscustomobject]@{ Message = 'row'; b = 2 })", "Object {\"Message\":\"row\",\"b\":2}")]
    public void Texts_are_texts_and_objects_are_objects(string send, string expected)
    {
        using Session session = Session.StartConversation();

        Assert.Empty(session.Run(send).Errors);
        session.Until("(Get-ChatPeer bob -Server $alice).Unread -eq 1");
        Assert.Equal([$"output: {expected}"], session.Run("Get-ChatInbox -Server $alice | ForEach-Object { \"$($_.Kind) $($_.Text)\" }").Lines);
    }

    [Fact]
    public void An_object_message_is_sent_on_as_it_came()
    {
        using Session session = Session.StartConversation();
        session.Run("$null = Send-ChatMessage alice -InputObject @{ a = 1 } -WaitFor Delivered; $null = Get-ChatInbox -Server $alice | Send-ChatMessage bob -Server $alice -WaitFor Delivered");

        Assert.Equal(["output: Object 1"], session.Run("Get-ChatInbox -Server $bob | ForEach-Object { \"$($_.Kind) $($_.Body.a)\" }").Lines);
    }

    [Fact]
    public void Live_objects_are_opened_so_deep_and_plain_data_to_the_limit()
    {
        using Session session = Session.StartConversation();
        session.Run("""
            function Nest($n) { if ($n -eq 1) { @{ } } else { @{ n = (Nest ($n - 1)) } } }
            $self = @{ }; $self.me = $self
            $uri = [UriBuilder]'http://example.org/x'
            """);

        Assert.Equal(["output: True"], session.Run("(Send-ChatMessage alice -InputObject (Nest 16) -PassThru -WarningAction Ignore).Text -like '{\"n\":*'").Lines);
        Assert.Equal("ObjectTooLarge", session.Run("Send-ChatMessage alice -InputObject (Nest 17)").Error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Equal("ObjectTooLarge", session.Run("Send-ChatMessage alice -InputObject $self").Error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Equal("TextTooLarge", session.Run("Send-ChatMessage alice -InputObject @{ a = 'x' * 2MB }").Error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Equal("TextTooLarge", session.Run("Send-ChatMessage alice -InputObject @(1..2000 | ForEach-Object { 'x' * 1000 })").Error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Equal(["output: OK"], session.Run("if ((Send-ChatMessage alice -InputObject ([object[]]::new(65535)) -PassThru).Text.Length -eq 327676) { 'OK' }").Lines);
        Assert.Equal("ObjectTooLarge", session.Run("Send-ChatMessage alice -InputObject ([object[]]::new(65536))").Error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Equal("TextNotUsable", session.Run("Send-ChatMessage alice -InputObject @{ a = [string][char]0xD800 }").Error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Equal(["output: True"], session.Run("(Send-ChatMessage alice -InputObject $uri -PassThru).Text -like '{\"PSTypeName\":\"System.UriBuilder\",*\"Host\":\"example.org\"*'").Lines);
    }

    [Fact]
    public void Nothing_live_and_no_script_is_carried()
    {
        using Session session = Session.StartConversation();
        session.Run("""
            $o = [pscustomobject]@{ Secret = [securestring]::new(); Code = { 'ran' }; Type = [string]; Login = [System.Net.NetworkCredential]::new('u', 'p4ss') }
            $o.PSObject.Properties.Add([psscriptproperty]::new('Now', { 6 * 7 }))
            $o.PSObject.Properties.Add([psscriptproperty]::new('Broken', { throw 'no' }))
            $null = Send-ChatMessage alice -InputObject $o -WaitFor Delivered
            $body = (Get-ChatInbox -Server $alice).Body
            """);

        Assert.Equal(
            ["output: Secret NoteProperty System.Security.SecureString", "output: Code NoteProperty  'ran' ", "output: Type NoteProperty System.String", "output: Login NoteProperty System.Net.NetworkCredential", "output: Now NoteProperty 42", "output: Broken NoteProperty"],
            session.Run("$body.PSObject.Properties | ForEach-Object { \"$($_.Name) $($_.MemberType) $($_.Value)\" }").Lines.Select(static line => line.TrimEnd() is var end && end.EndsWith("'ran'", StringComparison.Ordinal) ? end + ' ' : end));
    }

    // Sent as a peer could send them: any text under the kind of an object.
    [Theory]
    [InlineData("{\"PSObject\":1,\"psbase\":2,\"PSTypeNames\":3,\"Count\":4,\"\":5}", "$b._PSObject, $b._psbase, $b._PSTypeNames, $b.Count, $b._", "1 2 3 4 5")]
    [InlineData("{\"DisplayText\":\"mine\",\"x\":1}", "$b._DisplayText, ([string]$b.DisplayText -eq 'mine')", "mine False")]
    [InlineData("{\"ToString\":1,\"PSStandardMembers\":2,\"PSComputerName\":3,\"psShowComputerName\":true,\"RunspaceId\":4}", "$b._ToString, $b._PSStandardMembers, $b._PSComputerName, $b._psShowComputerName, $b._RunspaceId", "1 2 3 True 4")]
    [InlineData("{\"a\":1,\"A\":2}", "$b.a, @($b.PSObject.Properties).Count", "2 1")]
    [InlineData("{\"PSTypeName\":\"System.IO.FileInfo\",\"Delete\":\"x\"}", "$b.PSObject.TypeNames[0], $b.PSObject.TypeNames[1], $b.GetType().Name, $b.Delete", "PSSecureChat.Received#System.IO.FileInfo PSSecureChat.Received PSCustomObject x")]
    [InlineData("{\"PSTypeName\":\"\\u001b[31m\"}", "$b.PSObject.TypeNames[0]", "PSSecureChat.Received")]
    [InlineData("{\"PSTypeName\":{\"x\":1},\"y\":2}", "$b.PSObject.TypeNames[0], $b.y", "PSSecureChat.Received 2")]
    [InlineData("{\"\\u001b[2Jx\":1}", "@($b.PSObject.Properties)[0].Name", "\u241B[2Jx")]
    [InlineData("[99999999999999999999, 1e999999, -1e-999999, 12345678901234567890123456789012345678901234567890]", "$b[0].GetType().Name, $b[1].GetType().Name, $b[2], $b[3].GetType().Name", "Decimal String -0 String")]
    [InlineData("{\"ToString\":\"t\",\"GetType\":\"g\"}", "($b -is [System.Management.Automation.PSCustomObject]), @($b.PSObject.Properties).Count", "True 2")]
    [InlineData("[[[[[[[[[[[[[[[[0]]]]]]]]]]]]]]]]", "$b -is [array]", "True")]
    [InlineData("[[[[[[[[[[[[[[[[[0]]]]]]]]]]]]]]]]]", "$null -eq $b", "True")]
    [InlineData("{\"a\":", "$null -eq $b", "True")]
    [InlineData("{} x", "$null -eq $b", "True")]
    [InlineData("", "$null -eq $b", "True")]
    [InlineData("[1]", "$b -is [array]", "True")]
    [InlineData("null", "$null -eq $b", "True")]
    [InlineData("\"\\ud800\"", "$null -eq $b", "True")]
    [InlineData("{\"\\ud800\":1}", "$null -eq $b", "True")]
    public void Hostile_JSON_stays_data(string json, string look, string expected)
    {
        using Session session = Session.Start();
        Receive(session, json);

        Assert.Equal([$"output: {expected}"], session.Run($"$b = $m.Body; \"$({look})\"").Lines);
        Assert.Equal(["output: True"], session.Run("$m.Text -is [string]").Lines);
    }

    [Theory]
    [InlineData(65_535, false)]
    [InlineData(65_536, true)]
    [InlineData(400_000, true)]
    public void So_many_values_are_restored_and_no_more(int items, bool tooMany)
    {
        using Session session = Session.Start();
        Receive(session, $"[{string.Join(',', Enumerable.Repeat("{}", items))}]");

        Assert.Equal([$"output: {tooMany}"], session.Run("$null -eq $m.Body").Lines);
    }

    [Fact]
    public void A_view_of_a_received_object_lets_nothing_raw_through()
    {
        using Session session = Session.Start();
        Receive(session, "{\"a\\u202e\":\"\\u001b[2J\\nforged\",\"list\":[1,2]}");

        Assert.Equal(
            [$"output: a    : \u241B[2J\u23CEforged{Environment.NewLine}list : {{1, 2}}{Environment.NewLine}"],
            session.Run("[PSSecureChat.Objects.ReceivedObject]::Show($m.Body)").Lines);
    }

    [Theory]
    [InlineData("{\"a\":1,\"b\":\"x\",\"c\":null,\"d\":[],\"e\":{},\"f\":[1,[true]],\"g\":{\"h\":[{\"i\":0.5}]}}", "@{a=1; b=x; c=; d={}; e=@{}; f={1, {True}}; g=@{h={@{i=0.5}}}}")]
    [InlineData("{}", "@{}")]
    [InlineData("{\"a\":\"1\\n2\\u001b\"}", "@{a=1\u23CE2\u241B}")]
    public void A_received_object_is_one_safe_line_where_a_text_is_asked_of_it(string json, string expected)
    {
        using Session session = Session.Start();
        Receive(session, json);

        Assert.Equal([$"output: {expected}", $"output: {expected}", $"output: {expected}"], session.Run("\"$($m.Body)\"; $m.Body.ToString(); [string]$m.Body").Lines);
    }

    [Fact]
    public void However_much_a_peer_sends_a_view_of_it_stays_short()
    {
        using Session session = Session.Start();
        Receive(session, $$"""{"{{new string('n', 100_000)}}":"{{new string('v', 500_000)}}{{new string('\u00e9', 1000)}}",{{string.Join(',', Enumerable.Range(0, 60_000).Select(static i => $"\"p{i}\":{i}"))}}}""");

        string[] lines = [.. session.Run("[PSSecureChat.Objects.ReceivedObject]::Show($m.Body)").Lines.Single().Split(Environment.NewLine)];
        Assert.Equal($"output: {new string('n', 64)}… : {new string('v', 480)}…", lines[0]);
        Assert.Equal(["p98".PadRight(32) + " : 98", "(and 59901 more properties)", ""], lines[^3..]);
        Assert.Equal(4001, Assert.Single(session.Run("\"$($m.Body)\"").Output).ToString().Length);
        Assert.Equal(["output: 100000 500000"], session.Run("\"$(@($m.Body.PSObject.Properties)[0].Name.Length) $(@($m.Body.PSObject.Properties)[0].Value.IndexOf([char]0xe9))\"").Lines);
    }

    [Fact]
    public void An_object_that_somebody_puts_into_itself_ends_as_a_text()
    {
        using Session session = Session.Start();
        Receive(session, "{\"a\":1}");

        Assert.Equal(["output: 4001"], session.Run("$b = $m.Body; $b.a = $b; \"$b\".Length").Lines);
    }

    private static void Receive(Session session, string json)
    {
        session.Runspace.SessionStateProxy.SetVariable("json", json);
        Assert.Empty(session.Run("$m = [System.Runtime.CompilerServices.RuntimeHelpers]::GetUninitializedObject([PSSecureChat.ChatMessage]); $m.Kind = 'Object'; $m.Text = $json").Lines);
    }
}
