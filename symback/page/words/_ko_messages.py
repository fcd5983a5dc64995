"""What is inferred, found and printed, in Korean, and what goes wrong with commands and texts: see ``symback.page.messages``."""

from __future__ import annotations

from symback.page.words import _ko_system

MESSAGES = {
    # what was inferred
    "loss: {name} ({why:said})": "손실: {name} ({why})",
    "loss: {name} = {text} (given)": "손실: {name} = {text} (지정됨)",
    "parameters: {names} ({why:said})": "매개변수: {names} ({why})",
    "data: {names:items} (change with wrt=, --wrt)": "데이터: {names} (wrt=, --wrt 옵션으로 바꿀 수 있다)",
    "{name} (drawn at random and multiplied as a weight is)": "{name} (무작위로 뽑아 가중치처럼 곱한 것)",
    "no gradient reaches {names:items}: data here": "기울기가 이르지 않아 데이터로 본 것: {names}",
    "given": "지정됨",
    "given; backward() is called on it, {at:at}": "지정됨, 여기에 backward()를 부른다, {at}",
    "by its name": "이름에 따라",
    "by their names": "이름에 따라",
    "of the model": "모델의 매개변수",
    "updated by the code": "코드가 갱신한다",
    "the only input": "하나뿐인 입력",
    "drawn at random and multiplied": "무작위로 뽑아 곱한 것",
    "the code has a hand-written gradient for them": "코드에 손으로 쓴 기울기가 있다",
    "{why:said}, or they are added to a weighted sum": "{why}, 또는 가중합에 더하는 것",
    "{why:said}, or they are drawn at random and multiplied": "{why}, 또는 무작위로 뽑아 곱한 것",
    "inputs of backward() on {at:at}": "backward()의 inputs, {at}",
    "of {name}, stepped on {at:at}": "{name}의 매개변수, step() 호출: {at}",
    "backward() is called on it, {at:at}": "여기에 backward()를 부른다, {at}",
    "backward() is called on it, {at:at}, the first of lines {lines:items}": "여기에 backward()를 부른다, {at}, "
    "다음 줄 가운데 처음: {lines}",
    "{name} and more that depends on parameters": "{name}, 그리고 매개변수에 의존하는 항",
    "the last assigned of {names}": "다음 이름 가운데 마지막으로 대입된 것: {names}",
    "what the function {name} returns": "함수 {name}의 반환값",
    "what the function returns": "함수의 반환값",
    "what {name} returns, {at:at}": "{name}의 반환값, {at}",
    "{why:said}; not {others:items}": "{why}, 다음은 아니다: {others}",
    "the only result that depends on every parameter": "모든 매개변수에 의존하는 유일한 결과",
    "{name} ({at:at})": "{name} ({at})",
    "steps on the way: {steps:items}": "중간 단계: {steps}",
    "{name} = {base} of {at:at}": "{name} = {at}의 {base}",
    "{name} is assigned {count} times: {versions:items}": "{name}: {count}번 대입된다: {versions}",
    "{names:items}: arrays written inside a formula": "{names}: 식 안에 쓴 배열",
    "{parts:items} (from the code)": "{parts} (코드에 있는 값)",
    "steps: {count:number}": "갱신 횟수: {count}",
    "learning rate: {rate:number}": "학습률: {rate}",
    "learning rate: {rate:number} (the first of several)": "학습률: {rate} (여럿 가운데 첫째)",
    "learning rate: {rate:number} ({why:said})": "학습률: {rate} ({why})",
    "the code has none": "코드에 없음",
    "the default of {name:said}": "{name}의 기본값",
    "optimizer: {name:said}": "최적화 방법: {name}",
    "optimizer: {name:said} with {first:said}": "최적화 방법: {name}, {first}",
    "{name} of the learning rate": "학습률에 대한 {name}",
    "{name} of the learning rate ({options})": "학습률에 대한 {name} ({options})",
    "gradient descent": "경사 하강법",
    "no values for {names:items}: the code draws or leaves them; give values or a seed": "값이 없는 것: {names}. "
    "코드에서 무작위로 뽑거나 정하지 않았으므로, 값이나 시드를 준다",
    "drawn by the seed {seed}, not by the code: {names:items}": "코드가 아니라 시드 {seed}에서 뽑은 것: {names}",
    "what {at:at} draws": "{at}에서 뽑는 것",
    "{names:items}: not the numbers of the code, since {why:said}": "{names}: 코드의 수가 아니다. {why}",
    "what is not followed may draw ({at:at})": "따라갈 수 없는 부분에서 수를 뽑을 수 있다 ({at})",
    "{path} may draw ({at:at})": "다음에서 수를 뽑을 수 있다: {path} ({at})",
    "another device has a generator of its own": "다른 장치에는 난수 생성기가 따로 있다",
    "an array of symbolic size is drawn on {at:at}": "크기가 기호인 배열을 뽑는다, {at}",
    "{what} draws by numbers that are not known on {at:at}": "알려지지 않은 수에 따라 뽑는다: {what}, {at}",
    "cell {cell} is not Python and is left out": "셀 {cell}: 파이썬이 아니므로 뺀다",
    "updates made in cell {cells} are left out: parameters have their first values": "셀 {cells}의 갱신은 뺀다. "
    "매개변수의 값은 처음 그대로이다",
    "updates made in cells {cells:items} are left out: parameters have their first values": "셀 {cells}의 갱신은 뺀다. "
    "매개변수의 값은 처음 그대로이다",
    "for one row ({size} = 1) the sum over the batch has one term": "한 행({size} = 1)에서는 배치에 대한 합의 항이 하나이다",
    "{calls} is one number, as {left} is; an entrywise function stands in applyfunc": "{calls}: {left}처럼 하나의 수이다. "
    "원소별 함수는 applyfunc 안에 쓴다",
    "the loader of {at:at} shuffles; its first batch is read as the first {count} rows": "로더가 순서를 섞는다 ({at}). "
    "첫 배치를 처음 {count}개의 행으로 읽는다",
    "the loop on {at:at} takes one part of the data per update; its first pass is read": "반복문이 갱신마다 데이터의 "
    "한 부분을 쓴다 ({at}). 첫 번째 반복을 읽는다",
    "backward() on {at:at} is given a gradient: the loss is the sum over {name} times it": "backward()에 기울기가 주어졌다 ({at}). "
    "손실은 {name}에 이 기울기를 곱하여 더한 합이다",
    "{name} is computed after an update of {names:items}, and is read with the values before it": "{name}: 갱신 뒤에 "
    "계산되지만 갱신 전의 값으로 읽는다 (갱신된 것: {names})",
    "arrays of the list {name} are called {first}_0, {second}_1, …": "리스트 {name}의 배열 이름: {first}_0, {second}_1, …",
    "the order of a set of texts changes from run to run in Python; it is read here in alphabetical order": "파이썬에서 문자열 "
    "집합의 순서는 실행할 때마다 다르다. 여기에서는 사전 순서로 읽는다",
    "{name} has no forward method: its layers are applied in the order of __init__, {layers}": "{name}: forward 메서드가 "
    "없으므로 __init__의 순서대로 층을 적용한다: {layers}",
    "the condition on {at:at} is read as {truth}": "조건을 다음과 같이 읽는다: {truth} ({at})",
    "no call of {name}: it is called with {arguments}, and gives output": "{name}: 부르는 곳이 없다. 다음 값으로 부르며 "
    "결과의 이름은 output이다: {arguments}",
    # what a run prints
    "Forward pass": "순전파",
    "Loss": "손실",
    "Gradients": "기울기",
    "After {count:number} step with learning rate {rate:number}": "{count}번 갱신한 뒤, 학습률 {rate}",
    "After {count:number} steps with learning rate {rate:number}": "{count}번 갱신한 뒤, 학습률 {rate}",
    "After {count} step of {name:said} with learning rate {rate}": "{count}번 갱신한 뒤, {name}, 학습률 {rate}",
    "After {count} steps of {name:said} with learning rate {rate}": "{count}번 갱신한 뒤, {name}, 학습률 {rate}",
    "Loss after each step": "갱신마다의 손실",
    "Loss after every {count:number} steps": "{count}번 갱신마다의 손실",
    "gradients agree with central differences (largest relative error {error}, tolerance {tolerance})": "기울기가 중앙 차분과 "
    "일치한다 (가장 큰 상대 오차 {error}, 허용 오차 {tolerance})",
    "GRADIENTS DISAGREE with central differences (largest relative error {error}, tolerance {tolerance})": "기울기가 중앙 차분과 "
    "서로 다르다 (가장 큰 상대 오차 {error}, 허용 오차 {tolerance})",
    "gradients could not be compared with central differences": "기울기를 중앙 차분과 비교할 수 없었다",
    "the loss as written overflows at these values; its stable form was checked instead": "쓴 그대로의 손실은 이 값에서 넘친다. "
    "넘치지 않는 같은 식으로 비교했다",
    "stopped: {why:said}": "멈춤: {why}",
    # what was found
    "{name} reads {old}, which was computed before the update ({at:at}); {new} ({there:at}) is computed and never used": "{name}: "
    "갱신 전에 계산한 {old}의 값을 쓴다 ({at}). {new}의 값은 계산만 하고 쓰지 않는다 ({there})",
    "{name} reads {old}, which was computed before the update ({at:at}); {new} ({there:at}) holds the new value": "{name}: "
    "갱신 전에 계산한 {old}의 값을 쓴다 ({at}). 새 값은 {new}에 있다 ({there})",
    "{name:said} is a {kind} output already, and {loss} applies {again} again; give it the value before the {once}": "{name}: "
    "이미 {kind}의 출력인데 {loss}에서 {again}의 계산을 다시 한다. {once}의 입력을 준다",
    "{name:said} is a softmax output, and {loss} takes logarithms of probabilities; give it a log_softmax": "{name}: "
    "소프트맥스의 출력이지만 {loss}에는 확률의 로그가 필요하다. log_softmax의 출력을 준다",
    "{form}: shapes {one} and {other} broadcast to {shape}; was an entry by entry result of the same length meant?": "{form}: "
    "형상 {one}, {other}의 배열이 {shape}의 배열로 브로드캐스트된다. 길이가 같은 원소별 결과를 뜻한 것인가?",
    "the sum over axis {axis} has shape {shape} against {other}: without keepdims=True it is right for a single row only": "축 "
    "{axis}에 대한 합의 형상은 {shape}, 나누어지는 배열의 형상은 {other}이다. keepdims=True가 없으면 한 행일 때만 맞다",
    "the options of single parameter groups are not read; all parameters have those of the optimizer": "매개변수 묶음마다의 "
    "설정은 읽지 않는다. 모든 매개변수에 최적화 방법의 설정을 쓴다",
    "the optimizer {name} is not known; updates here are plain gradient descent": "알려지지 않은 최적화 방법: {name}. "
    "여기에서는 경사 하강법으로 갱신한다",
    "the optimizer {name} cannot be read ({error:said}); updates here are plain gradient descent": "읽을 수 없는 최적화 방법: "
    "{name} ({error}). 여기에서는 경사 하강법으로 갱신한다",
    "{error:said}; updates here are plain gradient descent": "{error}. 여기에서는 경사 하강법으로 갱신한다",
    "{names:items} of {name} cannot be read; the default of {title:said} stands for it": "{name}의 설정 가운데 읽을 수 없는 것: "
    "{names}. {title}의 기본값을 쓴다",
    "the schedule {name} is not known; the learning rate stays as it is": "알려지지 않은 일정: {name}. 학습률은 그대로 둔다",
    "the schedule {name} cannot be read; the learning rate stays as it is": "읽을 수 없는 일정: {name}. 학습률은 그대로 둔다",
    "the schedule is stepped once for several updates; training here steps it at every update": "코드에서는 여러 번 갱신할 때 "
    "학습률의 일정을 한 번 진행한다. 여기에서는 갱신마다 진행한다",
    "this clipping of gradients cannot be read, and is left out": "이 기울기 자르기는 읽을 수 없어서 뺀다",
    "binary_cross_entropy is given a probability of {p}, where PyTorch takes no logarithm for less than −100; the loss here is "
    "−(y ln p + (1 − y) ln(1 − p)) as it stands": "binary_cross_entropy에 주어진 확률은 {p}이다. PyTorch는 로그를 −100보다 작게 "
    "하지 않지만, 여기의 손실은 식 −(y ln p + (1 − y) ln(1 − p)) 그대로이다",
    "not drawn, since they are no functions of one number: {names}": "수 하나의 함수가 아니어서 그리지 않은 것: {names}",
    "written: {path}": "저장한 파일: {path}",
    # what went wrong: commands and their options
    " (did you mean {name}?)": " (혹시 {name}?)",
    "-o {rest:said}": "-o {rest}",
    "--plot: no function of one number is among these": "--plot: 이 가운데 수 하나의 함수가 없다",
    "{name}: is the input itself, which is never overwritten; name another file": "{name}: 입력 파일에는 덮어쓰지 않는다. "
    "다른 파일 이름을 준다",
    "{name}: cannot be written ({why:said})": "{name}: 쓸 수 없다 ({why})",
    "the output cannot be written ({why:said})": "출력을 쓸 수 없다 ({why})",
    "{name} cannot be read: {why:said}": "{name}: 읽을 수 없다. {why}",
    **_ko_system.FILES,
    "{name} is not a text file in UTF-8": "{name}: UTF-8 텍스트 파일이 아니다",
    "{name} is too long: more than {count} characters": "{name}: 너무 길다 ({count}자를 넘는다)",
    "the network is nested too deeply to be derived": "신경망이 너무 깊이 겹쳐 있어 유도할 수 없다",
    "the format {name} is unknown{hint:hint}; known: {known}": "알려지지 않은 형식: {name}{hint}. 쓸 수 있는 형식: {known}",
    "--only gives one formula, not a document; use --to latex": "--only 옵션의 결과는 문서가 아니라 식 하나이다. "
    "--to latex 옵션을 쓴다",
    "--function gives a page; for code, use symback code FILE": "--function 옵션의 결과는 문서이다. 코드는 symback code FILE",
    "-o -: standard output takes one page; add --answers none or --answers key": "-o -: 표준 출력에는 문서 하나만 쓴다. "
    "--answers none 또는 --answers key 옵션을 더한다",
    "--batch: no data with a leading 1 was found": "--batch: 첫 축의 크기가 1인 데이터가 없다",
    "--assume {item}: write one-hot:NAME, symmetric:NAME or another fact": "--assume {item}: "
    "one-hot:이름, symmetric:이름처럼 쓴다",
    "--assume {item}: write one-hot:NAME, or one-hot:NAME:0 for columns": "--assume {item}: "
    "one-hot:이름, 열에 대해서는 one-hot:이름:0처럼 쓴다",
    "--name {item}: there is no {name} in this network{hint:hint}": "--name {item}: 이 신경망에 없는 이름이다: {name}{hint}",
    "{option} {item}: write {example:said}": "{option} {item}: 다음과 같이 쓴다: {example}",
    "{doing}: {text} is neither a size nor the name of one": "{doing}: 크기도 크기의 이름도 아니다: {text}",
    "standard input is closed; name a FILE, or send a text to standard input": "표준 입력이 닫혀 있다. 파일 이름을 주거나 "
    "표준 입력으로 텍스트를 보낸다",
    "standard input is too long": "표준 입력이 너무 길다",
    "standard input is not text in UTF-8": "표준 입력이 UTF-8 텍스트가 아니다",
    "{doing}: the rows of an array must have the same length": "{doing}: 배열의 행은 길이가 모두 같아야 한다",
    "{doing}: the value is not a number or an array of numbers": "{doing}: 값이 수나 수의 배열이 아니다",
    "{doing}: the value is not finite (nan or infinity)": "{doing}: 값이 유한하지 않다 (nan 또는 무한대)",
    "{doing}: {text} is not a number or a list of numbers": "{doing}: 수나 수의 리스트가 아니다: {text}",
    "--values {path}: a JSON object of names and arrays is expected": "--values {path}: 이름과 배열로 된 JSON 객체가 필요하다",
    "{name} is not a finite number.": "유한한 수가 아니다: {name}",
    "{name} is not one of {names}.": "{name}: 다음 가운데 하나가 아니다: {names}",
    "{name} is not one of {names}{hint:hint}.": "{name}: 다음 가운데 하나가 아니다: {names}{hint}",
    "Give a FILE, or a function of the tables by --function NAME.": "파일을 주거나, --function 옵션으로 표의 함수를 준다",
    "{option} says something about a FILE; --function takes none.": "{option}: 파일에 대한 옵션이므로 --function 옵션과 함께 쓰지 않는다",
    "--claim names gradients of the code; with --answer none of them is marked.": "--claim 옵션은 코드의 기울기에 대한 것이다. "
    "--answer 옵션이 있으면 코드의 기울기를 채점하지 않는다",
    "--answer is never executed; leave out --execute.": "--answer 옵션의 식은 실행하지 않으므로 --execute 옵션을 뺀다",
    "--call and --seconds belong to --execute.": "--call, --seconds 옵션은 --execute 옵션과 함께 쓴다",
    "A file that is executed has its own values; leave out --set, --values and --shape.": ""
    "실행하는 파일에는 자기 값이 있으므로 --set, --values, --shape 옵션을 뺀다",
    "--execute runs the cells of a notebook up to one: --cell takes a single number there": ""
    "--execute 옵션은 노트북의 셀을 하나까지 차례로 실행하므로 --cell 옵션에는 수 하나만 쓴다",
    "values are missing for {names:items}; give them by --set NAME=LITERAL or --values FILE, or fill random arrays by --seed 0": ""
    "값이 없는 것: {names}. --set 이름=값, --values 파일 옵션으로 주거나 --seed 0 옵션으로 무작위 배열을 채운다",
    "there is no table {name}{hint:hint}; known: {known}": "없는 표: {name}{hint}. 쓸 수 있는 표: {known}",
    "the table of {kind} has no row {name}{hint:hint}": "표({kind})에 없는 행: {name}{hint}",
    "there is no function {name}{hint:hint}": "없는 함수: {name}{hint}",
    "there is no {kind:term} called {name}{hint:hint}; known: {known}": "없는 이름({kind}): {name}{hint}. 쓸 수 있는 이름: {known}",
    "there is no blank {name}{hint:hint}; known: {known}": "없는 빈칸의 종류: {name}{hint}. 쓸 수 있는 종류: {known}",
    "there is no PDF engine {name}{hint:hint}; known: {known}": "없는 PDF 엔진: {name}{hint}. 쓸 수 있는 엔진: {known}",
    "PDF: {name} is not installed ({remedy})": "PDF: 설치되지 않았다: {name} ({remedy})",
    "Usage: {usage}": "사용법: {usage}",
    "No such command {name}.": "없는 명령: {name}",
    "No such command {name}. Did you mean {other}?": "없는 명령: {name} (혹시 {other}?)",
    "No such command {name}. (Did you mean one of: {names}?)": "없는 명령: {name} (혹시 다음 가운데 하나? {names})",
    "Missing command.": "명령이 없다",
    "Missing parameter: {name}": "필요한 값이 없다: {name}",
    "Invalid value: {why:said}": "값이 잘못되었다. {why}",
    "Option {name} does not take a value.": "옵션에 값을 줄 수 없다: {name}",
    "Argument {name} takes {count} values.": "{name}: 값이 {count}개 필요하다",
    "Got unexpected extra arguments ({names})": "더 들어온 입력: {names}",
    "No such option {name}.": "없는 옵션: {name}",
    "No such option {name}. (Did you mean one of: {names}?)": "없는 옵션: {name} (혹시 다음 가운데 하나? {names})",
    "No such option {name}. Did you mean {other}?": "없는 옵션: {name} (혹시 {other}?)",
    "Option {name} requires an argument.": "옵션에 값이 필요하다: {name}",
    "Invalid value for {name}: {why:said}": "옵션의 값이 잘못되었다: {name}. {why}",
    "Missing option {name}.": "필요한 옵션이 없다: {name}",
    "Missing argument {name}.": "필요한 입력이 없다: {name}",
    "Got unexpected extra argument ({name})": "더 들어온 입력: {name}",
    "{value} is not in the range {range}.": "{value}: 범위를 벗어났다 ({range})",
    "{value} is not a valid integer.": "{value}: 정수가 아니다",
    "{value} is not a valid integer range.": "{value}: 정수가 아니다",
    "{value} is not a valid float.": "{value}: 수가 아니다",
    # what went wrong: texts
    "cell {cell}: only a notebook has cells": "셀 {cell}: 셀은 노트북에만 있다",
    "in the loss {text}: {why:said}": "손실 {text}: {why}",
    "there is no {name} in the code to be the loss{hint:hint}": "손실이라고 한 이름이 코드에 없다: {name}{hint}",
    "there is no {name} in the code{hint:hint}": "코드에 없는 이름: {name}{hint}",
    "there is no {name} in the code to give a value or shape to{hint:hint}": "값이나 형상을 줄 이름이 코드에 없다: {name}{hint}",
    "there is no forward pass in this code: no name is computed from inputs": "이 코드에는 순전파가 없다. 입력에서 계산되는 이름이 없다",
    "the loss {name} does not depend on {other}": "손실 {name}의 값은 다음 변수에 의존하지 않는다: {other}",
    "the loss {name} depends on no name": "손실 {name}의 값은 어떤 이름에도 의존하지 않는다",
    "nothing says which names are parameters; give wrt= (--wrt), one or more of {names:items}": "매개변수가 무엇인지 알 수 없다. "
    "다음 이름 가운데에서 wrt= (--wrt) 옵션으로 정한다: {names}",
    "{name} is computed by the code ({at:at}); parameters are inputs: {names:items}": "{name}: 코드에서 계산되는 값이다 ({at}). "
    "매개변수는 다음 입력이다: {names}",
    "{name} has shape {shape}, but a loss has exactly one element; give its mean or sum as the loss: {example}": "{name}의 형상은 "
    "{shape}이지만 손실은 원소가 하나여야 한다. 평균이나 합을 손실로 준다: {example}",
    "backward() is called on {count} losses: {names:items}; choose one by loss= (--loss {first})": "backward()를 부르는 손실이 "
    "{count}개이다: {names}. loss= (--loss {first}) 옵션으로 하나를 정한다",
    "no loss found: none of the names {names} is computed and no single result depends on every parameter; say which it is by "
    "loss= (--loss), a name or an expression (results: {results})": "손실을 찾지 못했다. 다음 이름 가운데 계산되는 것이 없고, 모든 매개변수에 "
    "의존하는 결과가 하나로 정해지지 않는다: {names}. loss= (--loss) 옵션에 이름이나 식을 준다 (결과: {results})",
    "{name} is not defined{hint:hint}; give its shape or its value if it is data": "정의되지 않은 이름: {name}{hint}. "
    "데이터이면 형상이나 값을 준다",
    "the function {name} is not known{hint:hint}": "알려지지 않은 함수: {name}{hint}",
    "the loss {name} needs it (backward() on {at:at})": "손실 {name}의 계산에 필요하다 (backward()를 부르는 곳: {at})",
    "where the loop takes its data from is not known: give the shapes of one batch by shapes= ({options})": "반복문이 쓰는 데이터의 "
    "출처를 알 수 없다. 한 배치의 형상을 shapes= 옵션으로 준다 ({options})",
    "there is no forward pass in this code: it only defines {what:items}; call one as the loss: {example} (loss=, shapes= in Python)": ""
    "이 코드에는 순전파가 없고 정의만 있다: {what}. 하나를 손실로 부른다: {example} (Python에서는 loss=, shapes=)",
    "the function {name} is not followed: files are not opened": "따라가지 않는 함수: {name}. 파일은 열지 않는다",
    "give what is read from it: --set NAME=… for its value, or --shape NAME=… for its shape": "파일에서 읽는 것을 준다: "
    "값은 --set 이름=…, 형상은 --shape 이름=…",
    "nothing in the code can be differentiated": "코드에 미분할 수 있는 것이 없다",
    "{name} could not be read: {error:said}": "{name}: 읽을 수 없었다. {error}",
    "{path} builds its network by running, and code is only read here": "{path}: 실행하면서 신경망을 만드는 코드이다. 여기에서는 "
    "코드를 읽기만 한다",
    "run the file, and write the page from it: {example}": "파일을 실행하고 그 안에서 문서를 저장한다: {example}",
    "the method {name} is not known{hint:hint}": "알려지지 않은 메서드: {name}{hint}",
    "not Python: {why:said}": "파이썬이 아니다: {why}",
    "the text is empty": "텍스트가 비어 있다",
    "the text is nested too deeply to be read": "텍스트가 너무 깊이 겹쳐 있어 읽을 수 없다",
    "nested too deeply to be read": "너무 깊이 겹쳐 있어 읽을 수 없다",
    "not a notebook: it has no list of cells": "노트북이 아니다. 셀의 목록이 없다",
    "the notebook has no code cell": "노트북에 코드 셀이 없다",
    "in {form}: shapes {one} and {other} do not fit together ({first} against {second})": "{form}: 형상 {one}, {other}의 배열은 "
    "서로 맞지 않는다 ({first}, {second})",
    "in {form}: shapes {one} and {other} do not fit ({first} against {second}); the transpose of the second operand would fit": ""
    "{form}: 형상 {one}, {other}의 행렬은 곱할 수 없다 ({first}, {second}). 둘째 행렬의 전치는 곱할 수 있다",
    "in {form}: shapes {one} and {other} do not fit ({first} against {second}); the transpose of the first operand would fit": ""
    "{form}: 형상 {one}, {other}의 행렬은 곱할 수 없다 ({first}, {second}). 첫째 행렬의 전치는 곱할 수 있다",
    "in {form}: shapes {one} and {other} do not fit ({first} against {second})": "{form}: 형상 {one}, {other}의 행렬은 "
    "곱할 수 없다 ({first}, {second})",
    "an array has no {name} that can be read{hint:hint}": "배열에 없거나 읽을 수 없는 이름: {name}{hint}",
    "a value is missing for {shapes}": "값이 없는 것: {shapes}",
}
