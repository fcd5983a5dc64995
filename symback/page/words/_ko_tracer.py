"""What is said of a file or a function of one's own that is executed once, in Korean; see ``symback.page.messages``."""

from __future__ import annotations

MESSAGES = {
    # what was inferred
    "executed twice, with its rows repeated: {name}": "자료의 행을 되풀이하여 두 번 실행한 파일: {name}",
    "executed twice, with its rows repeated: {name}, then {call}": ""
    "자료의 행을 되풀이하여 두 번 실행한 파일: {name}, 이어서 계산한 식: {call}",
    "executed once: {name}": "한 번 실행한 파일: {name}",
    "executed once: {name}, then {call}": "한 번 실행한 파일: {name}, 이어서 계산한 식: {call}",
    "executed once: {name}, which builds the network itself": "한 번 실행한 파일: {name} (신경망을 스스로 만든다)",
    "executed once: {name}, then {call}, which builds the network itself": ""
    "한 번 실행한 파일: {name}, 이어서 계산한 식: {call} (신경망을 스스로 만든다)",
    "traced: one call of {title}": "한 번 불러 기록한 것: {title}",
    "traced: one block": "기록한 것: with 블록 하나",
    "the gradients that backward() left agree with the formulas": "backward()가 남긴 기울기가 식과 일치한다",
    "a second run with other parameters gave the loss that the formulas give": ""
    "매개변수를 바꾸어 다시 실행한 손실이 식의 손실과 일치한다",
    "{base} is computed after an update of {names:items}, and is read with the values before it": ""
    "{base}: 갱신 뒤에 계산되지만 갱신 전의 값으로 읽는다 (갱신된 것: {names})",
    "what {title} returns": "{title}의 반환값",
    "the value of {call}": "{call}의 값",
    "the first of {names}": "다음 이름 가운데 첫째: {names}",
    "the number computed on {at:at}": "{at}에서 계산한 수",
    "the arguments": "함수의 인수",
    "attributes that an object was made with": "객체를 만들 때 정한 속성",
    # what was found
    "this way was taken because of {name:said}: {why:said}; the formulas hold as long as it is so": ""
    "이쪽으로 실행된 이유: {name} ({why}). 이것이 그대로인 동안에만 식이 성립한다",
    "{name:said} is computed from parameters and constant near this point; no gradient passes it": ""
    "{name}: 매개변수에서 계산되지만 이 점 가까이에서 상수이다. 이를 지나는 기울기가 없다",
    "{what:said} picks entries by their order in this run; the formulas hold as long as the order does": ""
    "{what}: 이번 실행에서의 순서에 따라 원소를 고른다. 순서가 그대로인 동안에만 식이 성립한다",
    "the run was ended after {cut:said}; what the code would have computed later is not seen": ""
    "여기까지만 실행했다: {cut}. 코드가 그 뒤에 계산하는 것은 보지 못했다",
    "{more} more decisions of this run rest on values of the parameters": "매개변수의 값에 따라 정해진 것이 더 있다: {more}개",
    # what went wrong: the command line
    "a file of your own can be executed once instead of read: --execute": ""
    "자신의 파일은 읽는 대신 한 번 실행할 수 있다: --execute",
    "{name} says something of a file that is executed; it needs --execute, for a file of your own": ""
    "{name}: 실행하는 파일에 대한 옵션이다. 자신의 파일이면 --execute 옵션과 함께 쓴다",
    "{name} says what a text leaves open; a file that is executed has its own values": ""
    "{name}: 코드에서 정하지 않은 것에 대한 옵션이다. 실행하는 파일에는 이미 값이 있다",
    "--execute needs a FILE; a text from standard input is only read": ""
    "--execute 옵션에는 파일이 필요하다. 표준 입력의 텍스트는 읽기만 한다",
    "--cell {cell}: with --execute the cells run in their order up to one; give its number": ""
    "--cell {cell}: --execute 옵션이 있으면 처음부터 한 셀까지 차례로 실행한다. 그 셀의 번호를 준다",
    # what went wrong: the run
    "the file raised {name:word}": "파일에서 예외가 일어났다: {name}",
    "the file raised {name:word}: {error:said}": "파일에서 {name} 예외가 일어났다: {error}",
    "the file raised {name:word}: {why:said} ({file}, {at:at})": "파일에서 {name} 예외가 일어났다: {why} ({file}, {at})",
    "{path} is not a notebook": "{path}: 노트북이 아니다",
    "there is no cell {until}; the notebook has {count} cells of code": ""
    "노트북에 없는 셀: {until}. 코드 셀은 {count}개이다",
    "the equations that {name} builds are no network: {error:said}": ""
    "{name}: 이 파일에서 만든 방정식은 신경망이 아니다. {error}",
    "{path} was still running after {seconds} seconds (--seconds)": "{path}: {seconds}초가 지나도 끝나지 않았다 (--seconds)",
    "{path} ended its process itself, with code {code}": "{path}: 파일이 스스로 프로세스를 끝냈다. 종료 코드: {code}",
    "what the file computes is nested too deeply to be derived": "파일에서 계산하는 것이 너무 깊이 겹쳐 있어 유도할 수 없다",
    "a run is being recorded already; one run at a time": "이미 기록하고 있는 실행이 있다. 한 번에 하나만 기록한다",
    "a {name:word} is neither a function nor an object that can be called": ""
    "{name} 객체: 함수도 아니고 부를 수 있는 객체도 아니다",
    "the second call of {title} returns no single number": "{title}: 두 번째로 불렀을 때 수 하나를 반환하지 않는다",
    "nothing is derived before the function is called: its arguments say what it computes": ""
    "함수를 부르기 전에는 유도한 것이 없다. 무엇을 계산하는지는 인수에 따라 정해진다",
    # the number of rows as a letter
    "{size} is the number of rows (or columns) of {names:items}": "{size}: 다음 자료의 행(또는 열)의 수: {names}",
    "--batch {batch}: with --execute, give a letter for the number of rows, as --batch n": ""
    "--batch {batch}: --execute와 함께 쓸 때는 행의 수를 나타낼 글자를 준다. 예: --batch n",
    "--batch: the data of this code have no axes, so that there are no rows": "--batch: 이 코드의 자료에는 축이 없어 행이 없다",
    "--batch: the data have {count} rows, and cannot have more: {problem:said}": ""
    "--batch: 자료의 행은 {count}개이며 더 늘릴 수 없다. {problem}",
    "with more rows the code takes other steps": "행이 더 많으면 코드가 다른 계산을 한다",
    "with more rows the code takes more steps, one after the other": "행이 더 많으면 코드가 계산을 더 많이 한다",
    "with more rows the loss depends on other parameters": "행이 더 많으면 손실이 다른 매개변수에 의존한다",
    "what is written in place cannot have its rows repeated": "제자리에서 바뀐 배열의 행은 되풀이할 수 없다",
    "{what:said}, a parameter, changes its shape with the number of rows": "매개변수의 형상이 행의 수에 따라 바뀐다: {what}",
    "a number is {one:number} with {count} rows and {two:number} with {more}": ""
    "여기의 수가 행이 {count}개일 때는 {one}, {more}개일 때는 {two}이다",
    "an axis of {what:said} is {one} with {count} rows and {two} with {more}": ""
    "{what}: 한 축의 길이가 행이 {count}개일 때는 {one}, {more}개일 때는 {two}이다",
    "{what:said} has other axes where there are more rows": "{what}: 행이 더 많으면 축이 달라진다",
    "a known number of rows is needed here": "여기에는 행의 수를 알아야 한다",
    "the number {count} is written here and does not move with the rows, although there are {count2}": ""
    "여기 적힌 수 {count}: 행도 {count2}개이지만 행의 수를 따라 바뀌지 않는다",
    # what went wrong: the loss and the parameters
    "the run computes nothing that is called a loss ({known}); give loss= (--loss NAME)": ""
    "실행에서 손실로 볼 수 있는 이름의 값을 계산하지 않는다 ({known}). loss= (--loss 이름) 옵션으로 정한다",
    "the run computes nothing that is called a loss ({known}); give loss= (--loss NAME): {names:items}": ""
    "실행에서 손실로 볼 수 있는 이름의 값을 계산하지 않는다 ({known}). 다음 이름 가운데에서 loss= (--loss 이름) 옵션으로 정한다: {names}",
    "there is no {name} in the run to be the loss{hint:hint}": "손실이라고 한 이름이 실행에 나오지 않는다: {name}{hint}",
    "there is no {name} in the run{hint:hint}": "실행에 나오지 않는 이름: {name}{hint}",
    "{name} is an array of shape {shape}; the loss has to be a single number": ""
    "{name}: 형상이 {shape}인 배열이다. 손실은 수 하나여야 한다",
    "the run changes nothing that the loss depends on, and no name tells a parameter; give wrt= (--wrt)": ""
    "실행에서 손실의 계산에 쓴 값을 바꾸지 않으며, 이름으로도 매개변수를 알 수 없다. wrt= (--wrt) 옵션으로 정한다",
    "the run changes nothing that the loss depends on, and no name tells a parameter; give wrt= (--wrt), "
    "one or more of {names:items}": "실행에서 손실의 계산에 쓴 값을 바꾸지 않으며, 이름으로도 매개변수를 알 수 없다. "
    "다음 이름 가운데에서 wrt= (--wrt) 옵션으로 정한다: {names}",
    "a number is updated here that is not recorded: one of too many in a list, or of an object that hides it; "
    "hold the numbers in an array": "여기서 바꾸는 수는 기록되지 않았다. 목록에 수가 너무 많거나 객체가 값을 감추고 있다. 수를 배열에 담는다",
    "{name} is computed here from numbers that are not recorded; hold what changes in names, lists, dictionaries, objects "
    "or arrays, or give wrt= (--wrt {name2})": "여기서 {name}의 값은 기록되지 않은 수로 계산되었다. 바뀌는 수를 이름, 목록, 사전, 객체나 배열에 담거나 "
    "wrt=를 준다(--wrt {name2})",
    "the loss does not depend on {name}": "손실의 값은 다음 변수에 의존하지 않는다: {name}",
    "the loss is a number of the code itself: nothing is computed from a parameter": "손실이 코드에 적힌 수 자체이다. 매개변수에서 계산한 것이 없다",
    "no gradient of the loss reaches {names:items}: only whole numbers or what is rounded does": ""
    "손실의 기울기가 이르지 않는 것: {names}. 정수나 반올림한 값을 거쳐서만 손실에 이어진다",
    "no gradient of the loss reaches any of its parameters": "손실의 기울기가 어느 매개변수에도 이르지 않는다",
    # what went wrong: numbers that are not recorded
    "{name} is not computed by anything that is recorded, and may depend on a parameter": ""
    "{name}: 기록된 계산에서 나온 수가 아니며 매개변수에 의존할 수 있다",
    "numbers are read here that are not computed by anything that is recorded, and may depend on a parameter": ""
    "기록된 계산에서 나오지 않은 수를 여기에서 쓰며, 이 수는 매개변수에 의존할 수 있다",
    "what depends on one was given to {what:said} on {at:at}": "매개변수에 의존하는 값을 {at}에서 다음에 넘겼다: {what}",
    "{why:said}. Say that it is data by data= (--data NAME), or have it checked by a second run (--verify)": ""
    "{why}. 데이터이면 data= (--data 이름) 옵션으로 알려 주고, 아니면 두 번째 실행으로 확인한다 (--verify)",
    "{what:said} was {kept:number} in the run, and is {value:number} when it is computed again: something changed its numbers "
    "that is not recorded": "{what}: 실행에서의 값은 {kept}이지만 다시 계산하면 {value}이다. 기록되지 않은 것이 그 수를 바꾸었다",
    "the second run took another way, so that its loss cannot be compared; the formulas are not verified": ""
    "두 번째 실행이 다른 쪽으로 나아가서 손실을 비교할 수 없다. 식을 확인하지 못했다",
    "with its parameters shifted a little, the code gives {name:said} = {run} and the formulas {derived}: a value that depends "
    "on a parameter leaves the log and comes back as a plain number": "매개변수를 조금 바꾸면 {name}의 값이 코드에서는 {run}, "
    "식에서는 {derived}이다. 매개변수에 의존하는 값이 기록에서 벗어났다가 평범한 수로 돌아온다",
    # what went wrong: operations
    "{what:said} is not an array or a number": "{what}: 배열이나 수가 아니다",
    "{what:said} has to be a whole number": "{what}: 정수이어야 한다",
    "{what:said} gives something that is no real number": "{what}: 결과가 실수가 아니다",
    "{what:said} gives several results": "{what}: 결과가 여러 개이다",
    "{what:said} cannot be derived: {error:said}": "{what}: 유도할 수 없다. {error}",
    "{what:said} is not known here": "{what}: 여기에서는 알려지지 않은 연산이다",
    "{what} is not read": "{what}: 읽지 않는다",
    "the formula for {what:said} does not give the numbers of the run, of shape {shape}": ""
    "{what}: 식의 값이 실행에서 나온 수와 다르다. 형상: {shape}",
    "entries are added at places that are not whole numbers along the first axis": ""
    "원소를 더하는 위치가 첫 축의 정수 첨자가 아니다",
    "entries picked by indices are given several values": "첨자로 고른 원소에 서로 다른 값을 준다",
    "this view cannot be written through": "이 뷰를 통해서는 원래의 배열에 쓸 수 없다",
    "numbers are cut to whole numbers": "수의 소수 부분을 버려 정수로 만든다",
}
"""Sentences of the command line, the choices, the findings and the errors."""

PHRASES = {
    "no such file": "파일이 없다",
    "the loss": "손실",
    "a part of an array": "배열의 일부",
    "a part of a result": "결과의 일부",
    "storing into a part of an array": "배열의 일부에 대입",
    "a number": "이름 없는 수",
    "nested too deeply": "너무 깊이 겹쳐 있다",
    "a view that a library made": "라이브러리에서 만든 뷰를 쓴다",
    "backward() left a gradient in {name} that no recorded operation explains: a function that states its own backward, "
    "compiled code, or another thread": "backward()가 {name}에 기울기를 남겼지만 기록된 연산으로는 설명되지 않는다. 스스로 역전파를 "
    "정하는 함수나 컴파일된 코드, 또는 다른 스레드가 원인일 수 있다",
    "the gradients that backward() left in {names:items} are not those of the formulas: along one direction {told} and {found}; "
    "a hook, a function that states its own backward, or numbers that were changed by something that is not recorded": ""
    "backward()가 남긴 {names}의 기울기가 식의 기울기와 다르다. 한 방향에서 {told}, {found}이다. 훅이나 스스로 역전파를 정하는 함수, "
    "또는 기록되지 않은 변경이 원인일 수 있다",
    "an array is computed by something that is not recorded ({made}): a compiled or scripted function, or another thread": ""
    "배열이 기록되지 않는 것에서 계산되었다({made}): 컴파일되거나 스크립트로 만든 함수, 또는 다른 스레드",
    "a function states its own backward, and that is not the derivative of its forward; use_backward= "
    "(--use-backward {name}) takes it as it is stated": ""
    "스스로 역전파를 정하는 함수가 있는데, 그것이 순전파의 도함수가 아니다. use_backward= (--use-backward {name})를 주면 정한 그대로 쓴다",
    "the backward of {name} cannot be taken as it is stated: it is not linear in one result of at most {value} entries": ""
    "{name} 함수가 정한 역전파를 그대로 쓸 수 없다. 원소가 {value}개 이하인 결과 하나의 선형 함수가 아니다",
    "row {row} is the padding of an embedding: no gradient reaches it": ""
    "임베딩의 {row}번째 행은 패딩이어서 기울기가 닿지 않는다",
    "running sums over {length} entries are not read; {longest} are": ""
    "원소 {length}개에 걸친 누적합은 읽지 않는다. {longest}개까지 읽는다",
    "torch.cov with weights cannot be read": "가중치를 준 torch.cov는 읽을 수 없다",
    "torch.cov of an array of {ndim} axes cannot be read; it takes a matrix": ""
    "축이 {ndim}개인 배열의 torch.cov는 읽을 수 없다. 행렬이어야 한다",
    "scatter with reduce= cannot be read; scatter_reduce can": "reduce=를 준 scatter는 읽을 수 없다. scatter_reduce는 읽을 수 있다",
    "scatter_reduce with {kind} cannot be read; 'sum', 'mean', 'amax' and 'amin' can": ""
    "scatter_reduce에서 {kind}의 값은 읽을 수 없다. 'sum', 'mean', 'amax', 'amin'은 읽을 수 있다",
    "several entries that meet are equally large: PyTorch shares the gradient": ""
    "만나는 원소 가운데 크기가 같은 것이 여럿이다. PyTorch는 기울기를 나눈다",
    "numbers are rounded to 16 bits on the way (autocast); switch it off (enabled=False) to derive what is computed": ""
    "중간에 수가 16비트로 반올림된다(autocast). 끄면(enabled=False) 계산한 것을 유도할 수 있다",
    "attention with further keys": "키를 더하는 어텐션",
    "a mask that depends on a parameter": "매개변수에 의존하는 마스크",
    "a division that is rounded": "반올림하는 나눗셈",
    "several results inside one another": "여러 결과가 서로 안에 들어 있다",
    "F.embedding with max_norm, whose gradient is not the derivative, cannot be derived": ""
    "F.embedding에 max_norm을 주면 기울기가 도함수가 아니므로 유도할 수 없다",
    "F.embedding with scale_grad_by_freq, whose gradient is not the derivative, cannot be derived": ""
    "F.embedding에 scale_grad_by_freq를 주면 기울기가 도함수가 아니므로 유도할 수 없다",
    "packed sequences have no row as a recurrent layer": "길이가 여럿인 묶은 수열에는 순환층의 행이 없다",
    "dropout between recurrent layers draws numbers that are not recorded; use dropout=0": ""
    "순환층 사이의 드롭아웃이 뽑는 수는 기록되지 않는다. dropout=0을 써야 한다",
    "a recurrent layer with projections": "사영이 있는 순환층",
    "a normalization with a shift and no gain": "이동만 있고 배율이 없는 정규화",
    "a view that is no array": "뷰가 배열이 아니다",
    "a view of the same memory as another type": "같은 메모리를 다른 자료형으로 보는 뷰",
    "the method {name} of an array": "배열의 메서드 {name}",
    "the attribute {name} of an array": "배열의 속성 {name}",
    "pickle": "pickle 모듈",
    "{value:number} not {sign} {other:number}": "{value} {sign} {other}: 거짓",
    "{value:number} is rounded to {result:number}": "{value}의 반올림: {result}",
    "{what:said} of {value:number} is {result:word}": "{value}의 {what}: {result}",
    "{what:said} of an array is {result:word}": "배열의 {what}: {result}",
    "{count} operations": "연산 {count}개",
    "{seconds} seconds (--seconds)": "{seconds}초 (--seconds)",
    "the truth value": "참과 거짓",
    "the whole number": "버림",
    "the whole number below": "내림",
    "the whole number above": "올림",
}
"""What stands in places of messages."""
