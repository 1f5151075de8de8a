using System.Management.Automation;

namespace PSSecureChat.ModuleTests;

/// <summary>What Send-ChatMessage takes an object from the pipeline for: a row, something to send whole, or a message to answer or to pass on.</summary>
public sealed class SendPipelineTests
{
    [Theory]
    [InlineData("[pscustomobject]@{ To = 'alice'; Message = 'row'; Priority = 2 } | Send-ChatMessage", "Text row")]
    [InlineData("[pscustomobject]@{ name = 'alice'; text = 'row'; Priority = 2 } | Send-ChatMessage", "Text row")]
    [InlineData("[pscustomobject]@{ Text = 'row' } | Send-ChatMessage alice", "Text row")]
    [InlineData("[pscustomobject]@{ To = 'carol'; Text = 5; InReplyTo = ''; ExpiresIn = $null } | Send-ChatMessage alice", "Text 5")]
    [InlineData("[pscustomobject]@{ To = 'alice'; Message = $null; Text = 'row' } | Send-ChatMessage", "Text row")]
    [InlineData("[pscustomobject]@{ Name = 'alice'; Size = 3 } | Send-ChatMessage -Message 'to a name'", "Text to a name")]
    [InlineData("[pscustomobject]@{ Owner = 'alice'; Size = 3 } | Send-ChatMessage -To { $_.Owner } -Message 'to an owner'", "Text to an owner")]
    public void A_row_is_sent_as_its_text(string send, string expected) => AssertReceived(send, expected);

    [Theory]
    [InlineData("[pscustomobject]@{ Message = 'disk full'; Priority = 2 } | Send-ChatMessage alice", "Object {\"Message\":\"disk full\",\"Priority\":2}")]
    [InlineData("[pscustomobject]@{ Server = 'web1'; Message = 'disk full' } | Send-ChatMessage alice", "Object {\"Server\":\"web1\",\"Message\":\"disk full\"}")]
    [InlineData("[pscustomobject]@{ To = 'carol'; Message = 'typed wins'; Priority = 2 } | Send-ChatMessage alice", "Object {\"To\":\"carol\",\"Message\":\"typed wins\",\"Priority\":2}")]
    [InlineData("[pscustomobject]@{ To = 'alice'; Message = @{ a = 1 } } | Send-ChatMessage", "Object {\"To\":\"alice\",\"Message\":{\"a\":1}}")]
    [InlineData("@{ Message = 'a hashtable is no row' } | Send-ChatMessage alice", "Object {\"Message\":\"a hashtable is no row\"}")]
    [InlineData("[Exception]::new('went wrong') | Send-ChatMessage alice", "Object {\"PSTypeName\":\"System.Exception\",*\"Message\":\"went wrong\",*")]
    [InlineData("try { throw 'went wrong' } catch { $_ | Send-ChatMessage alice }", "Object {\"PSTypeName\":\"System.Management.Automation.ErrorRecord\",*\"Message\":\"went wrong\"*")]
    public void What_would_lose_something_as_a_row_is_sent_whole(string send, string expected) => AssertReceived(send, expected);

    [Fact]
    public void The_columns_of_a_row_count_like_parameters_and_after_them()
    {
        using Session session = Session.StartConversation();
        session.Run("$question = Send-ChatMessage bob 'tea?' -Server alice -WaitFor Delivered; $other = [guid]::NewGuid()");

        Transcript sent = session.Run("""
            [pscustomobject]@{ To = 'alice'; Text = 'yes'; InReplyTo = "$($question.Id)"; ExpiresIn = '1:00' },
            [pscustomobject]@{ To = 'alice'; Text = 'no'; InReplyTo = $question; ExpiresIn = '' } | Send-ChatMessage -PassThru |
                ForEach-Object { "$($_.Text) $($_.InReplyTo -eq $question.Id) $($null -ne $_.ExpiresAt)" }
            [pscustomobject]@{ Text = 'typed'; InReplyTo = 'a column that is not looked at'; ExpiresIn = '1:00' } | Send-ChatMessage alice -InReplyTo $other -ExpiresIn '100.0:00' -PassThru |
                ForEach-Object { "$($_.Text) $($_.InReplyTo -eq $other) $($_.ExpiresAt -gt [datetimeoffset]::Now.AddDays(99))" }
            """);

        Assert.Equal(["output: yes True True", "output: no True False", "output: typed True True"], sent.Lines);
    }

    [Theory]
    [InlineData("InReplyTo = 'the last one'", "InReplyTo")]
    [InlineData("ExpiresIn = 'soon'", "ExpiresIn")]
    [InlineData("ExpiresIn = 60", "ExpiresIn")]
    [InlineData("ExpiresIn = '60'", "ExpiresIn")] // as every number of a CSV file
    public void A_column_that_cannot_be_meant_is_an_error_of_its_row(string column, string name)
    {
        using Session session = Session.StartConversation();

        Transcript sent = session.Run($"[pscustomobject]@{{ To = 'alice'; Text = 'one'; {column} }}, [pscustomobject]@{{ To = 'alice'; Text = 'two' }} | Send-ChatMessage -PassThru | ForEach-Object Text");

        Assert.Equal("output: two", sent.Lines[0]);
        Assert.Equal("ColumnNotUsable", Id(sent));
        Assert.Contains(name, sent.Error.ToString(), StringComparison.Ordinal);
        Assert.NotEmpty(sent.Error.ErrorDetails.RecommendedAction);
    }

    [Fact]
    public void A_script_block_names_the_recipient_of_each_object_anew()
    {
        using Session session = StartThree();

        Assert.Equal(
            ["output: alice alice", "output: carol carol", "output: alice alice"],
            session.Run("'alice', 'carol', 'alice' | Send-ChatMessage -To { $_ } -Server bob -WaitFor Delivered | ForEach-Object { \"$($_.To) $($_.Text)\" }").Lines);
    }

    [Theory]
    [InlineData("Get-ChatInbox -Server alice")]
    [InlineData("Receive-ChatMessage -Server alice")]
    [InlineData("Get-ChatHistory -Server alice")]
    [InlineData("[System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize((Get-ChatInbox -Server alice), 1))")]
    [InlineData("[System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize((Get-ChatInbox -Server alice), 2))")]
    [InlineData("Select-All (Get-ChatInbox -Server alice)")]
    [InlineData("[System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize((Select-All (Get-ChatInbox -Server alice))))")]
    public void A_text_beside_a_received_message_answers_its_sender_by_the_server_that_has_it(string messages)
    {
        using Session session = StartThree();
        session.Run("""
            $question = Send-ChatMessage alice 'anybody there?' -Server bob -WaitFor Delivered
            # As Select-Object * does, which comes with PowerShell itself.
            function Select-All($Source) {
                $copy = [pscustomobject]@{}
                foreach ($property in $Source.psobject.Properties) { $copy.psobject.Properties.Add([psnoteproperty]::new($property.Name, $property.Value)) }
                $copy.psobject.TypeNames.Insert(0, 'Selected.PSSecureChat.ChatMessage')
                $copy
            }
            """);

        Transcript answer = session.Run($"{messages} | Send-ChatMessage -Message auto -WaitFor Delivered | ForEach-Object {{ \"$($_.From) to $($_.To): $($_.Text) $($_.InReplyTo -eq $question.Id)\" }}");

        Assert.Equal(["output: alice to bob: auto True"], answer.Lines);
        Assert.Equal(["output: auto"], session.Run("(Wait-ChatMessage $question -Server bob -TimeoutSec 30).Text").Lines);
    }

    [Fact]
    public void A_text_beside_a_message_that_was_sent_goes_to_its_recipient_and_names_it()
    {
        using Session session = StartThree();
        session.Run("$first = Send-ChatMessage alice first -Server bob -WaitFor Delivered");

        Assert.Equal(["output: bob to alice: again True"], session.Run("$first | Send-ChatMessage -Message again -PassThru | ForEach-Object { \"$($_.From) to $($_.To): $($_.Text) $($_.InReplyTo -eq $first.Id)\" }").Lines);
        Assert.Equal(["output: bob to alice: Object True"], session.Run("$first | Send-ChatMessage -InputObject @{ a = 1 } -PassThru | ForEach-Object { \"$($_.From) to $($_.To): $($_.Kind) $($_.InReplyTo -eq $first.Id)\" }").Lines);
    }

    [Fact]
    public void A_typed_answer_goes_before_and_a_typed_recipient_has_the_text_alone()
    {
        using Session session = StartThree();
        session.Run("$question = Send-ChatMessage bob 'anybody there?' -Server alice -WaitFor Delivered; $other = [guid]::NewGuid()");

        Assert.Equal(["output: alice True"], session.Run("Get-ChatInbox -Server bob | Send-ChatMessage -Message auto -InReplyTo $other -PassThru | ForEach-Object { \"$($_.To) $($_.InReplyTo -eq $other)\" }").Lines);
        Assert.Equal(["output: bob to carol: look True"], session.Run("Get-ChatInbox -Server bob | Send-ChatMessage carol look -PassThru | ForEach-Object { \"$($_.From) to $($_.To): $($_.Text) $($_.InReplyTo -eq $question.Id)\" }").Lines);
    }

    [Fact]
    public void A_recipient_alone_beside_a_message_has_it_passed_on()
    {
        using Session session = StartThree();
        session.Run("$null = Send-ChatMessage bob 'a secret' -Server alice -WaitFor Delivered");

        Assert.Equal(["output: carol a secret True"], session.Run("Get-ChatInbox -Server bob | Send-ChatMessage carol -Server bob -PassThru | ForEach-Object { \"$($_.To) $($_.Text) $($null -eq $_.InReplyTo)\" }").Lines);
        Assert.Equal(
            ["output: carol a secret"],
            session.Run("[System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize((Get-ChatInbox -Server bob))) | Send-ChatMessage carol -Server bob -PassThru | ForEach-Object { \"$($_.To) $($_.Text)\" }").Lines);
    }

    [Fact]
    public void A_word_that_is_no_peer_beside_a_message_was_perhaps_an_answer()
    {
        using Session session = StartThree();
        session.Run("$null = Send-ChatMessage bob 'anybody there?' -Server alice -WaitFor Delivered");

        ErrorRecord error = session.Run("Get-ChatInbox -Server bob | Send-ChatMessage 'I''m away' -Server bob").Error;

        Assert.StartsWith("PeerUnknown", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("No peer is named 'I'm away'", error.ToString(), StringComparison.Ordinal);
        Assert.Contains("Send-ChatMessage -Message 'I''m away'", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.Contains("Get-ChatPeer lists", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public void A_received_message_alone_is_sent_to_nobody_and_the_rest_of_the_inbox_stays_unread()
    {
        using Session session = StartThree();
        session.Run("$null = 'one', 'two', 'three' | Send-ChatMessage bob -Server alice -WaitFor Delivered");

        Transcript sent = session.Run("Get-ChatInbox -Server bob | Send-ChatMessage");

        Assert.Equal("PipedMessageNeedsTextOrRecipient", Id(sent));
        Assert.Empty(sent.Output);
        Assert.Equal(["output: 2"], session.Run("(Get-ChatPeer alice -Server bob).Unread").Lines);
    }

    [Fact]
    public void A_sent_message_alone_is_sent_again()
    {
        using Session session = StartThree();
        session.Run("$first = Send-ChatMessage alice first -Server bob -WaitFor Delivered");

        Assert.Equal(["output: bob to alice: first"], session.Run("$first | Send-ChatMessage -PassThru | ForEach-Object { \"$($_.From) to $($_.To): $($_.Text)\" }").Lines);
    }

    [Fact]
    public void A_name_is_a_text_for_peers_when_it_is_given_as_one()
    {
        using Session session = Session.StartConversation();
        session.Run("Get-ChatPeer | Send-ChatMessage -Message alice -WaitFor Delivered");
        Assert.Equal(["output: alice"], session.Run("Get-ChatInbox -Server $alice | ForEach-Object Text").Lines);
    }

    [Fact]
    public void Of_two_servers_of_one_name_none_speaks_for_the_other()
    {
        using Session session = Session.StartConversation();
        session.Run("$peer = Get-ChatPeer alice; $other = Start-ChatServer 127.0.0.1 0 bob -Ephemeral -WarningAction Ignore; $null = Connect-ChatPeer $alice.Endpoint -Server $other");
        foreach (string command in new[] { "$peer | Send-ChatMessage hi", "$peer | Test-ChatPeer", "Send-ChatMessage alice hi -Server bob" })
        {
            Assert.Equal("ServerAmbiguous", Id(session.Run(command)));
        }

        Assert.Empty(session.Run("Get-ChatInbox -Server $alice").Lines);
        Assert.Equal(["output: hi"], session.Run("$peer | Send-ChatMessage hi -Server $bob -PassThru | ForEach-Object Text; Stop-ChatServer bob; Get-ChatServer bob -ErrorAction Ignore").Lines);
    }

    [Fact]
    public void What_belongs_to_a_server_that_has_stopped_is_not_sent_by_another()
    {
        using Session session = Session.StartConversation();
        session.Run("$other = Start-ChatServer 127.0.0.1 0 other -Ephemeral; $peer = Connect-ChatPeer $alice.Endpoint -Server $other; Stop-ChatServer $other");
        Assert.Equal("NoServer", Id(session.Run("$peer | Send-ChatMessage hi")));
        Assert.Empty(session.Run("Get-ChatInbox -Server $alice").Lines);
        Assert.Equal(["output: bob"], session.Run("$peer | Send-ChatMessage hi -Server $bob -PassThru | ForEach-Object From").Lines);
    }

    [Fact]
    public void A_text_beside_a_transfer_goes_to_the_peer_of_its_file()
    {
        using Session session = Session.StartConversation();
        string file = Path.GetTempFileName();
        try
        {
            session.Runspace.SessionStateProxy.SetVariable("file", file);
            session.Run("$null = Send-ChatFile alice -LiteralPath $file");
            session.Until("@(Get-ChatTransfer -Server $alice).Count -eq 1");
            session.Run("Get-ChatTransfer -Server $alice | Send-ChatMessage -Message thanks -WaitFor Delivered");
            Assert.Equal(["output: alice thanks"], session.Run("Get-ChatInbox -Server $bob | ForEach-Object { \"$($_.From) $($_.Text)\" }").Lines);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData("5 | Send-ChatMessage alice hi", "PipedObjectIsNotSent")]
    [InlineData("5 | Send-ChatMessage alice -InputObject 6", "PipedObjectIsNotSent")]
    [InlineData("[pscustomobject]@{ To = 'alice' } | Send-ChatMessage alice hi", "PipedObjectIsNotSent")]
    [InlineData("Get-ChatPeer | Send-ChatMessage alice -InputObject 6", "PipedPeerNeedsOneText")]
    [InlineData("Get-ChatPeer | Send-ChatMessage alice hi", "PipedPeerNeedsOneText")]
    [InlineData("5 | Send-ChatMessage", "InputObjectMissingMandatory")]
    [InlineData("Get-ChatPeer | Send-ChatMessage -To alice", "PipedPeerBesidePeer")]
    [InlineData("Get-ChatPeer | Send-ChatMessage (Get-ChatPeer alice)", "PipedPeerBesidePeer")]
    [InlineData("Get-ChatPeer | Send-ChatMessage -To { $_.Name }", "PipedPeerBesidePeer")]
    [InlineData("$null | Send-ChatMessage alice", "NothingPiped")]
    [InlineData("[pscustomobject]@{ To = 'alice'; Message = $null } | Send-ChatMessage", "RowHasNoText")]
    [InlineData("[pscustomobject]@{ To = 'alice'; InReplyTo = 'x' } | Send-ChatMessage", "RowHasNoText")]
    [InlineData("'alice' | Send-ChatMessage -To { $_ } -Message { \"hi $_\" }", "ParameterArgumentTransformationError")]
    public void What_leaves_nothing_to_the_object_from_the_pipeline_is_refused(string script, string id)
    {
        using Session session = Session.StartConversation();

        Assert.Equal(id, Id(session.Run(script)));
        Assert.Empty(session.Run("Get-ChatHistory").Output);
    }

    // alice and carol are connected to bob; dora knows nobody, and is asked where no server is named.
    private static Session StartThree()
    {
        Session session = Session.StartConversation();
        Assert.Empty(session.Run("""
            $carol = Start-ChatServer 127.0.0.1 0 carol -Ephemeral -AcceptFrom Anyone
            $null = Connect-ChatPeer $bob.Endpoint -Server carol
            $dora = Start-ChatServer 127.0.0.1 0 dora -Ephemeral
            """).Lines);
        session.Until("(Get-ChatPeer carol -Server bob -ErrorAction Ignore).State -eq 'Online'");
        return session;
    }

    private static void AssertReceived(string send, string expected)
    {
        using Session session = Session.StartConversation();
        Assert.Empty(session.Run(send).Errors);

        session.Until("(Get-ChatPeer bob -Server $alice).Unread -eq 1");
        Transcript received = session.Run("Get-ChatInbox -Server $alice | ForEach-Object { \"$($_.Kind) $($_.Text)\" }");
        Assert.True(new WildcardPattern(expected).IsMatch(Assert.Single(received.Output).ToString()), string.Join('\n', received.Lines));
    }

    private static string Id(Transcript transcript) => transcript.Error.FullyQualifiedErrorId.Split(',')[0];
}
